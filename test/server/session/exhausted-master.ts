/** A master that is to end a child and has no descriptor left to read /proc with: see kill.test.ts. */
import { closeSync, openSync } from "node:fs";
import { asChildProcess } from "../../../server/handover/child-process.ts";
import { descendantsOf, killAll, startTicksOf } from "../../../server/os/descendants.ts";
import { sendSignal } from "../../../server/session/kill.ts";
import { killAfterGrace } from "../../../server/session/reap.ts";
import { isDescriptorExhaustion } from "../../../server/os/descriptor-exhaustion.ts";
import type { Session } from "../../../server/session/session.ts";

const child = Bun.spawn(["sh", "-c", "setsid sleep 1000 & echo started; wait"], {
  stdio: ["ignore", "pipe", "inherit"],
  detached: true,
});
await child.stdout.getReader().read();
const { pid } = child;
const session = {
  child: { process: asChildProcess(child, null), pid, startTicks: startTicksOf(pid) },
  startsProcesses: true,
  signals: { descendants: [] },
};
const below = descendantsOf(pid);

const opened = openAll();
const sent = sendSignal(session as unknown as Session, "KILL");
await child.exited;
await killAfterGrace(below);
for (const fd of opened) closeSync(fd);
killAll(below);
console.log(JSON.stringify({ below: below.length, sent, by: child.signalCode }));

function openAll(): number[] {
  const opened: number[] = [];
  try {
    for (;;) opened.push(openSync("/dev/null", "r"));
  } catch (error) {
    if (isDescriptorExhaustion(error)) return opened;
    throw error;
  }
}
