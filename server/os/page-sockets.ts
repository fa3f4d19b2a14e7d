/**
 * Lists and closes connections that Bun.serve has accepted, for which Bun has no function:
 * getsockname(2), shutdown(2).
 */
import { FFIType, ptr } from "bun:ffi";
import { isIP } from "../../shared/ip-address.ts";
import ipaddr from "ipaddr.js";
import type { Endpoint } from "../../shared/access.ts";
import { unmapIPv4 } from "../../shared/address.ts";
import type { PageSockets } from "../../shared/page-sockets.ts";
import { countDescriptors, readDescriptorLimit } from "../../shared/proc.ts";
import { AF_INET, AF_INET6 } from "./constants.ts";
import { openLibc } from "./libc.ts";

// Constants of Linux, the same on x64 and arm64.
const SHUT_RDWR = 2;
const F_GETFD = 1;

/** The size of struct sockaddr_in6, the larger of the two structures. */
const ADDRESS_BYTES = 28;
const PORT_OFFSET = 2;
const OFFSETS = { [AF_INET]: [4, 8], [AF_INET6]: [8, 24] } as const;

/** @throws if this machine cannot do it, with the reason. */
export function openPageSockets(): PageSockets {
  if (process.platform !== "linux") throw new Error(`it requires Linux, not ${process.platform}`);
  const libc = functions();
  const address = Buffer.alloc(ADDRESS_BYTES);
  const length = new Uint32Array(1);
  const maxDescriptors = readDescriptorLimit();

  function read(get: "getsockname" | "getpeername", fd: number): Endpoint | null {
    length[0] = ADDRESS_BYTES;
    return libc[get](fd, ptr(address), ptr(length)) === 0 ? parseAddress(address) : null;
  }

  return {
    maxDescriptors,
    countDescriptors,
    list(port) {
      const found = [];
      let left = countDescriptors();
      for (let fd = 0; left > 0 && fd < maxDescriptors; fd += 1) {
        const own = read("getsockname", fd);
        if (own !== null || libc.fcntl(fd, F_GETFD, 0) >= 0) left -= 1;
        if (own?.port !== port) continue;
        const peer = read("getpeername", fd); // null for the socket that listens
        if (peer !== null) found.push({ fd, peer });
      }
      return found;
    },
    shutDown: (fd) => void libc.shutdown(fd, SHUT_RDWR),
  };
}

function functions() {
  const { i32, ptr: pointer } = FFIType;
  return openLibc({
    getsockname: { args: [i32, pointer, pointer], returns: i32 },
    getpeername: { args: [i32, pointer, pointer], returns: i32 },
    shutdown: { args: [i32, i32], returns: i32 },
    fcntl: { args: [i32, i32, i32], returns: i32 },
  });
}

/** Parses a struct sockaddr. Returns null if it is of another family. */
function parseAddress(bytes: Buffer): Endpoint | null {
  const family = bytes.readUInt16LE(0);
  if (family !== AF_INET && family !== AF_INET6) return null;
  const [start, end] = OFFSETS[family];
  const text = ipaddr.fromByteArray([...bytes.subarray(start, end)]).toString();
  const address = isIP(text) === 4 ? text : unmapIPv4(ipaddr.process(text).toString());
  return { address, port: bytes.readUInt16BE(PORT_OFFSET) };
}
