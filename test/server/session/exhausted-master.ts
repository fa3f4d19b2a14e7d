/**
 * A master that is to end a child and has no descriptor left to read /proc with: see kill.test.ts.
 */
import { closeSync, openSync } from "node:fs";
import { sharedUser } from "../../../server/confine/shared-user.ts";
import { type ProcessExit, startProcess } from "../../../server/handover/processes.ts";
import { descendantsOf, startTicksOf } from "../../../server/os/descendants.ts";
import { openProcessCalls } from "../../../server/os/process-calls.ts";
import { sendSignal } from "../../../server/session/kill.ts";
import { isDescriptorExhaustion } from "../../../server/os/descriptor-exhaustion.ts";
import type { Session } from "../../../server/session/session.ts";
import { until } from "../../harness/until.ts";

const calls = openProcessCalls();
calls.becomeSubreaper();
using users = sharedUser({ uid: 0, gid: 0, spawn: {} }, calls, true, () => {});

const exited = Promise.withResolvers<ProcessExit>();
const child = startProcess(
  {
    cmd: ["sh", "-c", "setsid sleep 1000 & echo started; wait"],
    cwd: "/",
    env: { PATH: process.env.PATH ?? "" },
    stdio: ["ignore", "pipe", "ignore"],
  },
  exited.resolve,
);
await child.outputs[0]?.getReader().read();
const { pid } = child;
users.started(pid);
const session = {
  child: { process: child, pid, startTicks: startTicksOf(pid) },
};
const below = descendantsOf(pid);

const opened = openAll();
const sent = sendSignal(session as unknown as Session, "KILL");
const { signal } = await exited.promise;
users.ended(users.take(), pid, () => null);
for (const fd of opened) closeSync(fd);
// They are found once there are descriptors again.
await until(() => below.every((left) => startTicksOf(left.pid) === null), "none is left");
console.log(JSON.stringify({ below: below.length, sent, by: signal }));

function openAll(): number[] {
  const opened: number[] = [];
  try {
    for (;;) opened.push(openSync("/dev/null", "r"));
  } catch (error) {
    if (isDescriptorExhaustion(error)) return opened;
    throw error;
  }
}
