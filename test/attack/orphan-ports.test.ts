/**
 * The children of a master that was killed: they cannot take over its ports,
 * by whatever way to listen.
 */
import { describe, expect, test } from "bun:test";
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { urlOf } from "../dashboard/request.ts";
import { connect } from "../harness/connect.ts";
import { startServer } from "../harness/server.ts";
import { SERVERS } from "./servers.ts";
import { KINDS, shell } from "./shell.ts";

/** Each exits with 0 if it listens on the port. */
const WAYS: Record<string, (port: number) => string> = Object.fromEntries(
  ["127.0.0.1", "0.0.0.0", "127.0.0.2"].map((address) => [
    `at ${address}`,
    (port: number) =>
      `perl -MSocket -e '
      socket S, AF_INET, SOCK_STREAM, 0; setsockopt S, SOL_SOCKET, SO_REUSEADDR, 1;
      exit !(bind(S, sockaddr_in(${port}, inet_aton("${address}"))) && listen(S, 1))'`.replaceAll(
        /\n\s*/g,
        " ",
      ),
  ]),
);
WAYS["over IPv6"] = (port) =>
  `perl -MSocket -e 'socket S, AF_INET6, SOCK_STREAM, 0; setsockopt S, SOL_SOCKET, SO_REUSEADDR, 1; exit !(bind(S, pack_sockaddr_in6(${port}, Socket::IN6ADDR_ANY)) && listen(S, 1))'`;

for (const [name, { flags, circumstances }] of Object.entries(SERVERS)) {
  describe(name, () => {
    for (const [kind, flagsOf] of Object.entries(KINDS)) {
      test(`the client of ${kind} cannot take over the ports once the master was killed`, async () => {
        using folder = mkdtempDisposableSync(join(tmpdir(), "test-orphan-"));
        await Bun.$`chmod 755 ${folder.path}`;
        const all = { ...flags, ...(await flagsOf(folder.path)) };
        await using server = await startServer(all, circumstances);
        await using client = await connect(server.port);
        await shell(client, "true");
        server.signal("SIGKILL");
        await server.exited();
        const ports = [server.port, Number(urlOf(server, "/").port)];
        for (const [way, listenOn] of Object.entries(WAYS)) {
          for (const port of ports) {
            const { status } = await shell(client, listenOn(port));
            expect([way, port === server.port ? "server" : "page", status !== 0]).toEqual([
              way,
              port === server.port ? "server" : "page",
              true,
            ]);
          }
          expect([way, (await shell(client, listenOn(0))).status]).toEqual([way, 0]);
        }
        client.close();
        await server.stop();
      });
    }
  });
}
