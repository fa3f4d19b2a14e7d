/** Finds out what sockets are connected to, from /proc/PID/net (proc_pid_net(5)). */
import { readlinkSync } from "node:fs";
import { errorCode } from "./error-code.ts";
import { formatAddress, unmapIPv4 } from "./address.ts";

/** A TCP socket: `ADDRESS:PORT` of both ends. */
export interface TcpSocket {
  local: string;
  /** Null for a listening socket. */
  remote: string | null;
}

/** The state of a listening socket, in hexadecimal. */
const LISTENING = "0A";

/**
 * Returns those of `inodes` that are TCP sockets of this process's network or that of the process.
 * The tables list all sockets of a network, so they are read asynchronously and only the wanted
 * lines are parsed. The result for a socket does not change: cache it.
 */
export async function findSockets(
  pid: number,
  inodes: readonly string[],
): Promise<Map<string, TcpSocket>> {
  const found = new Map<string, TcpSocket>();
  for (const table of tablesFor(pid)) {
    const left = inodes.filter((inode) => !found.has(inode));
    if (left.length === 0) break;
    const content = await readTable(table);
    for (const inode of left) {
      const line = lineWith(content, inode);
      if (line !== null) found.set(inode, parse(line));
    }
  }
  return found;
}

/**
 * A child with a private network still has its client's socket, which
 * belongs to the master's network.
 */
function tablesFor(pid: number): string[] {
  const [own, other] = ["self", pid].map(networkOf);
  const processes = other === own || other === null ? ["self"] : ["self", pid];
  return processes.flatMap((process) => [`/proc/${process}/net/tcp`, `/proc/${process}/net/tcp6`]);
}

/**
 * Returns what identifies a network namespace; null if it cannot be told, or the process is gone.
 */
function networkOf(process: number | string): string | null {
  try {
    return readlinkSync(`/proc/${process}/ns/net`);
  } catch (error) {
    if (errorCode(error) !== undefined) return null;
    throw error;
  }
}

/** Returns an empty table if it cannot be read: the process is gone, or the machine has no IPv6. */
async function readTable(path: string): Promise<Buffer> {
  try {
    return Buffer.from(await Bun.file(path).arrayBuffer());
  } catch (error) {
    if (errorCode(error) !== undefined) return Buffer.alloc(0);
    throw error;
  }
}

/** Returns the fields of the line with this inode; other fields may hold the same number. */
function lineWith(table: Buffer, inode: string): string[] | null {
  const wanted = ` ${inode} `;
  for (let i = table.indexOf(wanted); i >= 0; i = table.indexOf(wanted, i + 1)) {
    const start = table.lastIndexOf("\n", i) + 1;
    const fields = table.toString("latin1", start, table.indexOf("\n", i)).trim().split(/\s+/);
    if (fields[9] === inode) return fields;
  }
  return null;
}

function parse([, local = "", remote = "", state]: string[]): TcpSocket {
  return {
    local: parseAddress(local),
    remote: state === LISTENING ? null : parseAddress(remote),
  };
}

/**
 * `0100007F:1F90` is 127.0.0.1:8080: 32-bit words in the machine's byte order,
 * little-endian wherever Bun runs.
 */
function parseAddress(text: string): string {
  const [words = "", port = ""] = text.split(":");
  const bytes = words.match(/.{8}/g)?.flatMap((word) => Buffer.from(word, "hex").reverse()) ?? [];
  const address = Buffer.concat(bytes);
  return formatAddress(
    address.length === 4 ? address.join(".") : ipv6(address),
    parseInt(port, 16),
  );
}

/** Returns the usual notation of an IPv6 address. */
function ipv6(address: Buffer): string {
  const groups = (address.toString("hex").match(/.{4}/g) ?? []).map((group) => parseInt(group, 16));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return unmapIPv4(`::ffff:${address.subarray(12).join(".")}`);
  }
  return new URL(`http://[${groups.map((group) => group.toString(16)).join(":")}]`).hostname.slice(
    1,
    -1,
  );
}
