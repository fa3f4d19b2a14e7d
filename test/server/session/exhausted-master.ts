/** A master that is to end a child and has no descriptor left to read /proc with: see kill.test.ts. */
import { closeSync, openSync } from "node:fs";
import { sharedUser } from "../../../server/confine/shared-user.ts";
import { asChildProcess } from "../../../server/handover/child-process.ts";
import { descendantsOf, startTicksOf } from "../../../server/os/descendants.ts";
import { openProcessCalls } from "../../../server/os/process-calls.ts";
import { sendSignal } from "../../../server/session/kill.ts";
import { isDescriptorExhaustion } from "../../../server/os/descriptor-exhaustion.ts";
import type { Session } from "../../../server/session/session.ts";
import { until } from "../../harness/until.ts";

const calls = openProcessCalls();
calls.becomeSubreaper();
using users = sharedUser({ uid: 0, gid: 0, spawn: {} }, calls, true, () => {});

const child = Bun.spawn(["sh", "-c", "setsid sleep 1000 & echo started; wait"], {
  stdio: ["ignore", "pipe", "inherit"],
  detached: true,
});
await child.stdout.getReader().read();
const { pid } = child;
users.started(pid);
const session = {
  child: { process: asChildProcess(child, 0, null), pid, startTicks: startTicksOf(pid) },
};
const below = descendantsOf(pid);

const opened = openAll();
const sent = sendSignal(session as unknown as Session, "KILL");
await child.exited;
users.ended(users.take(), pid, () => {});
for (const fd of opened) closeSync(fd);
// They are found once there are descriptors again.
await until(() => below.every((left) => startTicksOf(left.pid) === null), "none is left");
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
