/**
 * Finds out which user owns the other end of a TCP connection within this machine, with
 * sock_diag(7): the kernel looks up one connection in 10 µs, however many there are. /proc/net/tcp
 * lists all of them, which takes 15 to 30 ms of CPU time. Linux only; needs no privilege.
 */
import { closeSync } from "node:fs";
import { FFIType, ptr } from "bun:ffi";
import ipaddr from "ipaddr.js";
import type { Endpoint } from "../../shared/access.ts";
import { AF_INET, AF_INET6, MSG_DONTWAIT, SOCK_CLOEXEC } from "./constants.ts";
import { openLibc } from "./libc.ts";

export interface SocketOwners extends Disposable {
  /**
   * Returns the user ID that owns the socket whose own end is `from`, connected to `to`.
   * Null if there is none, or no longer: a socket that its process has closed has no owner,
   * even while it still sends.
   */
  find(from: Endpoint, to: Endpoint): number | null;
}

// Constants of Linux, the same on x64 and arm64.
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const NETLINK_SOCK_DIAG = 4;
const IPPROTO_TCP = 6;
const SOCK_DIAG_BY_FAMILY = 20;
const NLM_F_REQUEST = 1;
const NO_COOKIE = 0xffffffff;

/**
 * struct nlmsghdr, then struct inet_diag_req_v2, in which the addresses
 * are struct inet_diag_sockid.
 */
const HEADER_BYTES = 16;
const REQUEST_BYTES = HEADER_BYTES + 56;
const REQUEST = { type: 4, flags: 6, sequence: 8, family: 16, protocol: 17, id: 24 };
const ID = { fromPort: 0, toPort: 2, from: 4, to: 20, cookie: 40 };

/** struct inet_diag_msg after its header. */
const REPLY = { type: 4, sequence: 8, id: 20, userId: 80, inode: 84, bytes: 88 };

const MAX_REPLY_BYTES = 4096;

/** @throws if this machine has no such lookup, with the reason. */
export function openSocketOwners(): SocketOwners {
  if (process.platform !== "linux") throw new Error(`it requires Linux, not ${process.platform}`);
  const owners = openNetlink();
  if (canFind(owners)) return owners;
  owners[Symbol.dispose]();
  throw new Error("the kernel has no tcp_diag");
}

/**
 * A kernel without tcp_diag replies as if there were no such socket, so this
 * looks for one that is there.
 */
function canFind(owners: SocketOwners): boolean {
  const address = "127.0.0.1";
  const listener = Bun.listen({ hostname: address, port: 0, socket: { data() {} } });
  try {
    const { port } = listener;
    return owners.find({ address, port }, { address, port: 0 }) === process.getuid?.();
  } finally {
    listener.stop();
  }
}

function openNetlink(): SocketOwners {
  const libc = functions();
  const fd = libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (fd < 0) throw new Error("the kernel has no sock_diag");
  const request = Buffer.alloc(REQUEST_BYTES);
  const reply = Buffer.alloc(MAX_REPLY_BYTES);
  let sequence = 0;

  return {
    find(from, to) {
      sequence = (sequence + 1) >>> 0;
      writeRequest(request, sequence, from, to);
      if (Number(libc.send(fd, ptr(request), REQUEST_BYTES, 0)) !== REQUEST_BYTES) return null;
      // The kernel replies before `send` returns.
      const length = Number(libc.recv(fd, ptr(reply), MAX_REPLY_BYTES, MSG_DONTWAIT));
      return ownerIn(reply.subarray(0, Math.max(length, 0)), request, sequence);
    },
    [Symbol.dispose]: () => closeSync(fd),
  };
}

function functions() {
  const { i32, i64_fast: size, ptr: pointer } = FFIType;
  return openLibc({
    socket: { args: [i32, i32, i32], returns: i32 },
    send: { args: [i32, pointer, size, i32], returns: size },
    recv: { args: [i32, pointer, size, i32], returns: size },
  });
}

function writeRequest(request: Buffer, sequence: number, from: Endpoint, to: Endpoint): void {
  const [fromBytes, toBytes] = [from, to].map(({ address }) =>
    ipaddr.process(address).toByteArray(),
  );
  if (fromBytes === undefined || toBytes === undefined) throw new Error("an address has no bytes");
  request.fill(0);
  request.writeUInt32LE(REQUEST_BYTES, 0);
  request.writeUInt16LE(SOCK_DIAG_BY_FAMILY, REQUEST.type);
  request.writeUInt16LE(NLM_F_REQUEST, REQUEST.flags);
  request.writeUInt32LE(sequence, REQUEST.sequence);
  request[REQUEST.family] = fromBytes.length === 4 ? AF_INET : AF_INET6;
  request[REQUEST.protocol] = IPPROTO_TCP;
  const id = request.subarray(REQUEST.id);
  id.writeUInt16BE(from.port, ID.fromPort);
  id.writeUInt16BE(to.port, ID.toPort);
  id.set(fromBytes, ID.from);
  id.set(toBytes, ID.to);
  id.writeUInt32LE(NO_COOKIE, ID.cookie);
  id.writeUInt32LE(NO_COOKIE, ID.cookie + 4);
}

/**
 * Returns the owner in a reply to `request`; null if it is an error, is about
 * another socket, or has no owner.
 */
function ownerIn(reply: Buffer, request: Buffer, sequence: number): number | null {
  if (reply.length < REPLY.bytes) return null;
  if (reply.readUInt16LE(REPLY.type) !== SOCK_DIAG_BY_FAMILY) return null;
  if (reply.readUInt32LE(REPLY.sequence) !== sequence) return null;
  // Without such a connection, the kernel looks for a socket that listens on the port.
  const ports = reply.subarray(REPLY.id, REPLY.id + 4);
  if (!ports.equals(request.subarray(REQUEST.id, REQUEST.id + 4))) return null;
  return reply.readUInt32LE(REPLY.inode) === 0 ? null : reply.readUInt32LE(REPLY.userId);
}
