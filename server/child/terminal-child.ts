/** A child that keeps a terminal for its client, with a program in it. Otherwise as child.ts. */
import { becomeSubreaper } from "./subreaper.ts";
import { CLIENT_FD, exitChild, parseChildStart } from "../channel/child-start.ts";
import { descendantsOf, killAll } from "../os/descendants.ts";
import { createReporter } from "../channel/report.ts";
import { serveClient } from "./serve-client.ts";
import type { Link } from "./services/service.ts";
import { type TerminalService, terminalService } from "./services/terminal.ts";
import { takeUrgentInline } from "./terminal-flow.ts";

/** How long (ms) programs may take to end when their terminal has been hung up. */
const GOODBYE = 500;

/** What brood sets for its own children (spawn.ts) is none of the program's business. */
const OURS = ["BUN_GC_TIMER_DISABLE", "MIMALLOC_SCAVENGER", "BUN_JSC_useJIT"];

const { role, task } = parseChildStart(() => void end());
const { serving } = task;
const report = createReporter();
let terminal: TerminalService | undefined;
if (role === "probe") exitChild();
else if (serving.kind === "pty") keepTerminal(serving.command);

function keepTerminal(command: readonly string[]): void {
  takeUrgentInline(CLIENT_FD);
  becomeSubreaper(() => terminal?.pid);
  const environment = { ...process.env };
  for (const name of OURS) delete environment[name];
  const speak = (link: Link) => (terminal = terminalService(command, environment, link, report));
  serveClient(CLIENT_FD, task, speak, report, () => void end());
}

/**
 * Nothing that the client has started outlives it: all of it is below, whoever its parent was. Of a child that
 * crashes, or that another than the master kills, what heeds no hang-up lives on, unless the child has a cgroup.
 */
async function end(): Promise<void> {
  await Promise.race([terminal?.hangUp(), Bun.sleep(GOODBYE)]);
  killAll(descendantsOf(process.pid));
  report.flush();
  exitChild();
}
