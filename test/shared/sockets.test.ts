import { expect, test } from "bun:test";
import { readdirSync, readlinkSync } from "node:fs";
import { findSockets } from "../../shared/sockets.ts";

/** Returns the inodes of this process's sockets. */
function inodes(): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? [];
    } catch {
      return []; // the directory's own descriptor, closed by now
    }
  });
}

test("finds the peers of IPv4, mapped and IPv6 sockets, and which sockets listen", async () => {
  const quiet = { data() {} };
  using server = Bun.listen({ hostname: "::", port: 0, socket: quiet });
  using four = await Bun.connect({ hostname: "127.0.0.1", port: server.port, socket: quiet });
  using six = await Bun.connect({ hostname: "::1", port: server.port, socket: quiet });
  const found = [...(await findSockets(process.pid, [...inodes(), "1", ""])).values()];
  expect(found).toContainEqual({ local: `[::]:${server.port}`, remote: null });
  const ends = [
    [`127.0.0.1:${four.localPort}`, `127.0.0.1:${server.port}`],
    [`[::1]:${six.localPort}`, `[::1]:${server.port}`],
  ] as const;
  for (const [local, remote] of ends) {
    expect(found).toContainEqual({ local, remote });
    expect(found).toContainEqual({ local: remote, remote: local });
  }
});

test("finds none if the process is gone", async () => {
  const child = Bun.spawn(["true"]);
  await child.exited;
  expect(await findSockets(child.pid, ["1"])).toEqual(new Map());
});
