/** A master that has no descriptor left to look with, and is to end a child: see kill.test.ts. */
import { closeSync, openSync } from "node:fs";
import { descendantsOf, killAll, startTicksOf } from "../../../server/os/descendants.ts";
import { endDescendants, sendSignal } from "../../../server/session/kill.ts";
import { isDescriptorExhaustion } from "../../../server/os/descriptor-exhaustion.ts";
import type { Session } from "../../../server/session/table.ts";

const child = Bun.spawn(["sh", "-c", "setsid sleep 1000 & echo started; wait"], {
  stdio: ["ignore", "pipe", "inherit"],
  detached: true,
});
await child.stdout.getReader().read();
const { pid } = child;
const startTicks = startTicksOf(pid);
const session = { process: child, pid, startTicks, startsProcesses: true, below: [] };
const below = descendantsOf(pid);

const taken = takeAll();
const sent = sendSignal(session as unknown as Session, "KILL");
await child.exited;
await endDescendants(below);
for (const fd of taken) closeSync(fd);
killAll(below);
console.log(JSON.stringify({ below: below.length, sent, by: child.signalCode }));

function takeAll(): number[] {
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync("/dev/null", "r"));
  } catch (error) {
    if (isDescriptorExhaustion(error)) return taken;
    throw error;
  }
}
