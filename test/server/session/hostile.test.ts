/** A child that was taken over by its client, or is broken: it can harm its own client and nobody else. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { connect } from "../../harness/connect.ts";
import { descriptors, isRunning, readMemory } from "../../harness/processes.ts";
import { type Server, startServer } from "../../harness/server.ts";
import { untilEqual, untilLess } from "../../harness/until.ts";
import { expectServed } from "../child/served.ts";
import type { EndReason } from "../../../shared/outcome.ts";

/** brood whose first children, one if not said, do what `deed` says. */
function startHostile(deed: string, clients = 1): Promise<Server> {
  const program = [process.execPath, join(import.meta.dir, "hostile/serve.ts")];
  const user = process.getuid?.() ?? 0; // who may read the child's program, wherever the checkout lies
  const env = { HOSTILE: deed, HOSTILE_CLIENTS: `${clients}` };
  return startServer({ user }, { program, env, mayWriteErrors: true });
}

/** Memory (bytes) that the master may have more than before it met a hostile child, when that one has gone. */
const LEFT = 150e6;

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
    await untilLess(() => readMemory(server.pid).private - memory, LEFT);
  });
}

test("what one child after the other sends without an end does not add up in the master", async () => {
  await using server = await startHostile("sends one message without an end", 8);
  const before = readMemory(server.pid).private;
  const left: number[] = [];
  while (left.length < 8) {
    await using victim = await connect(server.port);
    await victim.readToEnd();
    left.push(readMemory(server.pid).private - before);
  }
  // How much one can send before it is found depends on the machine, and on chance.
  expect(Math.min(...left.slice(4))).toBeLessThan(2 * Math.max(...left.slice(0, 2)));
  await untilLess(() => readMemory(server.pid).private - before, LEFT);
  await using client = await connect(server.port);
  await expectServed(client);
});
