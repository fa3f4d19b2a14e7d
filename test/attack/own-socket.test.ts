/** The client's own socket: a child that reconnects it to the page is not taken for an operator. */
import { describe, expect, test } from "bun:test";
import { readdirSync, statSync } from "node:fs";
import { systemCallNumber } from "../../server/os/system-call-numbers.ts";
import { connect } from "../harness/connect.ts";
import { type Flags, startServer } from "../harness/server.ts";
import { readStatus } from "../harness/status.ts";
import { until } from "../harness/until.ts";
import { SERVERS } from "./servers.ts";

const CONNECT = systemCallNumber("connect");

/**
 * Disconnects the client (AF_UNSPEC), asks the page, and reports the first line of
 * the answer, or the error.
 */
const reconnect = (port: string) => `
  $nowhere = pack("x16");
  syscall(${CONNECT}, 0, $nowhere, 16) == 0 or die "AF_UNSPEC: $!";
  open S, "+<&=0";
  connect(S, sockaddr_in(${port}, inet_aton("127.0.0.1"))) or die "connect: $!";
  syswrite S, "GET /api/children HTTP/1.0\\r\\nHost: localhost:${port}\\r\\n\\r\\n";
  sysread S, $answer, 99;
  print STDERR "answer: $answer\\n";`;

const KINDS: Record<string, Flags> = {
  "a built-in service": { service: "echo" },
  "a spare": { service: "echo", spares: 1 },
  "a program": { exec: "cat" },
  "a program in a terminal": { pty: "cat" },
};

for (const [name, { flags, circumstances }] of Object.entries(SERVERS)) {
  const isOrdinary = name.startsWith("an ordinary");
  describe(name, () => {
    test("a client's socket that its child reconnects to the page is refused", async () => {
      await using server = await startServer({ ...flags, exec: "sh" }, circumstances);
      await using client = await connect(server.port);
      const { port } = new URL(server.url);
      await client.send(`exec perl -MSocket -e '${reconnect(port)}'\n`);
      const { text } = await server.event("printed", ({ text }) => /answer|connect/.test(text));
      expect(text).toMatch(
        isOrdinary ? /^connect: Permission denied/ : /^answer: HTTP\/1\.\d 403 /,
      );
    });

    if (isOrdinary) return;
    for (const [kind, service] of Object.entries(KINDS)) {
      test(`the client's socket of ${kind} belongs to the child's user`, async () => {
        await using server = await startServer({ ...flags, ...service }, circumstances);
        if (service.spares !== undefined) {
          const isReady = async () => (await readStatus(server)).sparesByState.ready === 1;
          await until(isReady, "a spare is ready");
        }
        await using _client = await connect(server.port);
        const { pid } = await server.event("serving");
        const { uid, gid } = statSync(`/proc/${pid}`);
        expect(uid).not.toBe(0);
        // The others are its channel and, of a spare, the Unix socket over which it got its client.
        const owners = readdirSync(`/proc/${pid}/fd`)
          .map((fd) => statSync(`/proc/${pid}/fd/${fd}`))
          .filter((stat) => stat.isSocket() && stat.uid !== 0)
          .map((stat) => `${stat.uid}:${stat.gid}`);
        expect(new Set(owners)).toEqual(new Set([`${uid}:${gid}`]));
      });
    }
  });
}
