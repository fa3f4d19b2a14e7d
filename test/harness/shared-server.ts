/**
 * Servers that several tests of a block use, one after the other: for tests that look at what
 * happens to their own clients. This saves the CPU time that a server takes to start and end.
 *
 *     describe("…", () => {
 *       const sharedServer = shareServers();
 *       test("…", async () => {
 *         const server = await sharedServer({ exec: "sh" });
 */
import { afterAll, expect } from "bun:test";
import { type Circumstances, type Flags, type Logged, type Server, startServer } from "./server.ts";
import { until } from "./until.ts";

/**
 * Returns a function that starts a server, or waits until the one that it has started with the same
 * flags has no client, and returns that. Its log begins anew. After the block's last test they are
 * stopped, with all checks of `stop`.
 */
export function shareServers(
  start = startServer,
): (flags?: Flags, circumstances?: Circumstances) => Promise<Server> {
  const servers = new Map<string, Promise<Server>>();
  afterAll(async () => {
    const stopped = Array.from(servers.values(), async (server) => (await server).stop());
    for (const exitCode of await Promise.all(stopped)) expect(exitCode).toBe(0);
  });
  return async (flags = {}, circumstances = {}) => {
    const key = JSON.stringify([flags, circumstances]);
    const started = servers.get(key);
    if (started !== undefined) return withNewLog(await started);
    const server = start(flags, circumstances);
    servers.set(key, server);
    return server;
  };
}

/** Returns the same server, whose log has only what is logged from now on. */
async function withNewLog(server: Server): Promise<Server> {
  await until(
    () => server.events("accepted").length === server.events("ended").length,
    "the sessions of the test before have ended",
  );
  const start = server.log.length;
  const events: Server["events"] = <N extends Logged["event"]>(name: N) =>
    server.log.slice(start).filter((entry) => entry.event === name) as Logged<N>[];
  const event: Server["event"] = (name, condition = () => true) =>
    until(
      () => events(name).find(condition),
      () => `"${name}" is logged as expected; the log ends with\n${server.stdout.slice(-2000)}`,
    );
  return Object.create(server, {
    log: { get: () => server.log.slice(start) },
    events: { value: events },
    event: { value: event },
  }) as Server;
}
