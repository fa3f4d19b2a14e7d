import { afterAll, describe, expect, test } from "bun:test";
import { DENIED_WITHOUT_NETWORK } from "../../../server/os/denied-calls.ts";
import { ORDINARY, attempt, buildPrograms, runConfined } from "./confined.ts";

const programs = await buildPrograms();
afterAll(() => programs[Symbol.dispose]());

const isRoot = process.getuid?.() === 0;
const listen = () => Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });

const describeIfPossible = isRoot ? describe : () => {};

// For others, the last test shows that it is reported.
describeIfPossible("in a network of its own", () => {
  const run = { privateNetwork: true };

  test("a program reaches neither loopback nor an abstract socket of the host", async () => {
    using server = listen();
    const name = `brood-test-network-${process.pid}`;
    using _ = Bun.listen({ unix: `\0${name}`, socket: { data() {} } });
    for (const words of [
      `socket 2 1 0 / connect first port:${server.port} 16`,
      `socket 1 1 0 / connect first abstract:${name} ${3 + name.length}`,
    ]) {
      expect(await attempt(programs, words, {})).toBe("done");
      expect(await attempt(programs, words, run)).toMatch(/^(ENETUNREACH|ECONNREFUSED)$/);
    }
  });

  test("a connection of the host leads back to the host, unless system calls are denied", async () => {
    using server = listen();
    const connectTo = server.port;
    const again = `connect 3 nowhere 16 / connect 3 port:${server.port} 16`;
    const listening = "connect 3 nowhere 16 / listen 3 1";
    for (const words of [again, listening]) {
      expect(await attempt(programs, words, { ...run, connectTo })).toBe("done");
      const denied = DENIED_WITHOUT_NETWORK;
      expect(await attempt(programs, words, { ...run, connectTo, denied })).toBe("EPERM");
    }
  });
});

test("an ordinary user gets no network of its own, and is told why", async () => {
  const run = { command: ["/bin/true"], privateNetwork: true };
  const { outcomes } = await runConfined(programs, run, ORDINARY);
  const reason = "a private network requires root (CAP_SYS_ADMIN)";
  expect(outcomes.privateNetwork).toEqual({ ok: false, reason });
});
