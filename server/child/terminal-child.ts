/** A child that runs a program in a terminal for its client. Otherwise like child.ts. */
import { CLIENT_FD, exitChild, parseChildStart } from "../channel/child-start.ts";
import { createReporter } from "../channel/report.ts";
import { descendantsOf, killAll } from "../os/descendants.ts";
import { reportCrash } from "./crash.ts";
import { serveClient } from "./serve-client.ts";
import type { Connection } from "./services/byte-service.ts";
import { type TerminalService, terminalService } from "./services/terminal.ts";
import { becomeSubreaper } from "./subreaper.ts";
import { deliverUrgentInline } from "./terminal-flow.ts";

/** How long programs may take to end when their terminal was closed. */
const HANG_UP_TIMEOUT_MS = 500;

/** Set by brood for its own children (spawn.ts), and removed for the program. */
const OWN_VARIABLES = [
  "BUN_GC_TIMER_DISABLE",
  "MIMALLOC_SCAVENGER",
  "BUN_JSC_useJIT",
  "BUN_JSC_useWarmUpMarkedBlocks",
];

const { role, task, channel } = parseChildStart(() => void end());
const { serving } = task;
const report = createReporter(channel);
let terminal: TerminalService | undefined;
if (role === "probe") exitChild();
else if (serving.kind === "pty") serveTerminal(serving.command);

function serveTerminal(command: readonly string[]): void {
  reportCrash(channel);
  deliverUrgentInline(CLIENT_FD);
  becomeSubreaper(() => terminal?.pid);
  const environment = { ...process.env };
  for (const name of OWN_VARIABLES) delete environment[name];
  const start = (connection: Connection) =>
    (terminal = terminalService(command, environment, connection, report));
  serveClient(CLIENT_FD, task, start, report, () => void end());
}

/**
 * Nothing that the client has started outlives it: all of it descends from this process, which is
 * its subreaper. If this process crashes, or is killed by anything but the master, programs that
 * ignore the hang-up live on, unless the child has a cgroup.
 */
async function end(): Promise<void> {
  await Promise.race([terminal?.hangUp(), Bun.sleep(HANG_UP_TIMEOUT_MS)]);
  killAll(descendantsOf(process.pid));
  report.flush();
  exitChild();
}
