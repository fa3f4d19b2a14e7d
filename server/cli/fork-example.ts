/**
 * The tutorial's first example (its section 2), with spawn and IPC in place of fork: one process
 * becomes two, and each counts on its own. Fork would copy the variable; here it is sent.
 */
import { thisProgram } from "../handover/program.ts";

/** Runs the parent's side, waits for the child and returns its exit status. */
export async function forkExample(): Promise<number> {
  let i = 0;
  const child = Bun.spawn({
    cmd: [...thisProgram(), "fork-example-child"],
    stdio: ["ignore", "inherit", "inherit"],
    ipc() {},
  });
  child.send(i);
  for (; i < 10; i += 1) process.stdout.write(`Parent Process $i : ${i}\n`);
  return await child.exited;
}
