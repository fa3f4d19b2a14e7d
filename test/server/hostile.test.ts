/** A child that was taken over by its client, or is broken: it can harm its own client and nobody else. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { connect } from "../harness/connect.ts";
import { descriptors, isRunning, readMemory } from "../harness/processes.ts";
import { type Server, startServer } from "../harness/server.ts";
import { untilEqual } from "../harness/until.ts";
import type { EndReason } from "../../shared/master.ts";
import { expectServed } from "./served.ts";

/** brood whose first child does what `deed` says. */
function startHostile(deed: string): Promise<Server> {
  const program = [process.execPath, join(import.meta.dir, "hostile/serve.ts")];
  const user = process.getuid?.() ?? 0; // who may read the child's program, wherever the checkout lies
  return startServer({ user }, { program, env: { HOSTILE: deed }, mayWriteErrors: true });
}

/** Memory (bytes) that the master may have more than before it met a hostile child. */
const FLOOD = 1e9;

for (const [deed, reason] of [
  ["exits before it serves", "crashed"],
  ["crashes before it serves", "crashed"],
  ["crashes while it serves", "crashed"],
  ["crashes while it takes leave", "crashed"],
  ["leaves processes behind", "crashed"],
  ["leaves one behind that holds its way to the master", "crashed"],
  ["has dealt with what it was not told", "misbehaved"],
  ["asks on without reading the answers", "misbehaved"],
  ["fails once more", "misbehaved"],
  ["has a name with an escape code", "misbehaved"],
  ["broadcasts what is no JSON", "misbehaved"],
  ["says what is no message", "misbehaved"],
  ["says a list with holes", "misbehaved"],
  ["says its name is __proto__", "misbehaved"],
  ["sends what is no JSON", "misbehaved"],
  ["sends bytes at random", "misbehaved"],
  ["sends Bun's own form of a message", "misbehaved"],
  ["sends one message without an end", "misbehaved"],
  ["sends messages without an end", "misbehaved"],
  ["closes its way to the master", "misbehaved"],
] as [string, EndReason][]) {
  test(`a child that ${deed} ends, with its client alone`, async () => {
    await using server = await startHostile(deed);
    const before = descriptors(server.pid);
    const memory = readMemory(server.pid).private;
    await using victim = await connect(server.port);
    const { id } = await server.event("accepted");
    await using other = await connect(server.port);
    await expectServed(other);

    const ended = await server.event("ended", (event) => event.id === id);
    expect(ended.reason).toBe(reason);
    expect(isRunning(ended.pid)).toBe(false);
    await victim.readToEnd();
    await expectServed(other);
    if (reason === "misbehaved") {
      const { message } = await server.event("warning");
      expect(message).toStartWith(`pid ${ended.pid} `);
      expect(message).toEndWith(": killed");
    }
    await other.send("quit\n");
    await other.readToEnd();
    await untilEqual(() => descriptors(server.pid), before);
    expect(readMemory(server.pid).private - memory).toBeLessThan(FLOOD);
  });
}
