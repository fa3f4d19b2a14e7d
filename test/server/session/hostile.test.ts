/**
 * A child that was taken over by its client, or is broken, can harm its own client and no other.
 */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { connect } from "../../harness/connect.ts";
import { descriptors, isRunning, readMemory, untilNoneLeftOpen } from "../../harness/processes.ts";
import { type Server, startServer } from "../../harness/server.ts";
import { untilLess } from "../../harness/until.ts";
import { expectServed } from "../child/served.ts";
import type { EndReason } from "../../../shared/outcome.ts";

/** A server whose first `clients` children do what `behaviour` names, in hostile/child.ts. */
function startHostile(behaviour: string, clients = 1): Promise<Server> {
  const program = [process.execPath, join(import.meta.dir, "hostile/serve.ts")];
  const user = process.getuid?.() ?? 0; // may read the child's program, wherever the checkout is
  const env = { HOSTILE: behaviour, HOSTILE_CLIENTS: `${clients}` };
  return startServer({ user }, { program, env });
}

/** How much more memory the master may use after a hostile child than before it. */
const MAX_LEFT_BYTES = 150e6;

for (const [behaviour, reason] of [
  ["throws an error that nothing catches", "crashed"],
  ["exits before it serves", "crashed"],
  ["crashes before it serves", "crashed"],
  ["crashes while it serves", "crashed"],
  ["crashes while it is leaving", "crashed"],
  ["leaves processes behind", "crashed"],
  ["leaves a process behind that holds its channel open", "crashed"],
  ["reports a second failure", "misbehaved"],
  ["has a name with an escape code", "misbehaved"],
  ["broadcasts invalid JSON", "misbehaved"],
  ["sends an unknown message", "misbehaved"],
  ["sends a list with holes", "misbehaved"],
  ["sends a key __proto__", "misbehaved"],
  ["sends invalid JSON", "misbehaved"],
  ["sends random bytes", "misbehaved"],
  ["sends a message in Bun's own serialization", "misbehaved"],
  ["sends one message without end", "misbehaved"],
  ["closes its channel", "misbehaved"],
] as [string, EndReason][]) {
  test(`a child that ${behaviour} ends, and only its own client with it`, async () => {
    await using server = await startHostile(behaviour);
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
    if (behaviour.startsWith("throws")) {
      const { error } = await server.event("failed", (event) => event.id === id);
      expect(error).toStartWith("TypeError: a bug\n");
    }
    if (reason === "misbehaved") {
      const { message } = await server.event("warning");
      expect(message).toStartWith(`PID ${ended.pid} `);
      expect(message).toEndWith(": killed");
    }
    await other.send("quit\n");
    await other.readToEnd();
    await untilNoneLeftOpen(server.pid, before);
    await untilLess(() => readMemory(server.pid).private - memory, MAX_LEFT_BYTES);
  });
}
