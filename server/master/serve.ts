/**
 * `brood serve`: puts the master, its children, the log, the history and the
 * page together, and runs them.
 */
import type { Page } from "../../dashboard/http/serve.ts";
import type { ConfinementSummary } from "../../shared/log.ts";
import { confine } from "../confine/confine.ts";
import { prepareChildren } from "../handover/children.ts";
import { openProcesses } from "../handover/open-processes.ts";
import { nameThisProcess } from "../handover/program.ts";
import type { ServerHistory } from "../history/open.ts";
import type { Config } from "../options/config.ts";
import type { LogFormat, Options } from "../options/options.ts";
import { announce } from "./announce.ts";
import { confineChildren } from "./confine-children.ts";
import { createLinePrinter, type LinePrinter } from "./console.ts";
import { exposureWarning } from "./exposure-warning.ts";
import { createLog, type Log } from "./log.ts";
import { createMaster, type ServerMaster } from "./master.ts";
import type { PageAccess } from "./page-access.ts";
import { prepareDescriptors, prepareHistory, preparePage, preparePageAccess } from "./prepare.ts";
import { reload } from "./reload.ts";
import { catchSignals, type Signals } from "./signals.ts";

/**
 * Time between listening and opening the history: clients that were waiting
 * to be accepted come first.
 */
const HISTORY_START_DELAY_MS = 100;

/**
 * Runs the server until a signal or an operator stops it; returns the exit status. `read` reads the
 * options, and again for each reload.
 * @throws an error that says why the server cannot start.
 */
export async function serve(read: () => Config): Promise<number> {
  const signals = catchSignals();
  const { options, path } = read();
  nameThisProcess();
  const output = openOutput(options.log);
  const isComplete = await runServer(options, path, output, signals, (master) =>
    reload(master, output.log, options, read),
  );
  const isPrinted = await Promise.all([output.stdout.flush(), output.stderr.flush()]);
  // A write that nobody reads, a thread that waits for a disk, or a child that cannot be killed
  // would keep this process alive forever.
  if (isPrinted.includes(false) || !isComplete) process.exit(0);
  return 0;
}

interface Output {
  stdout: LinePrinter;
  stderr: LinePrinter;
  log: Log;
  warn(message: string): void;
}

function openOutput(format: LogFormat): Output {
  const stdout = createLinePrinter(1);
  const stderr = createLinePrinter(2);
  const log = createLog(format, stdout.print);
  const warn = (message: string) => log.write({ event: "warning", message });
  stdout.onDropped((count) => {
    const lines = `${count.toLocaleString("en")} ${count === 1 ? "line" : "lines"}`;
    warn(`${lines} not printed: the console did not keep up`);
  });
  return { stdout, stderr, log, warn };
}

/** Returns false if the history could not be written to its end, or not all children have ended. */
async function runServer(
  options: Options,
  config: string | null,
  output: Output,
  signals: Signals,
  reload: (master: ServerMaster) => void,
): Promise<boolean> {
  const { log, warn } = output;
  const threadFailure = Promise.withResolvers<Error>();
  const processes = openProcesses(threadFailure.resolve, warn);
  const prepared = prepareHistory(options, warn);
  await using confinement = confine(options.confine, options.serving, warn);
  using pageAccess = preparePageAccess(options, confinement);
  const openPage = await preparePage(options, pageAccess);
  const descriptors = await prepareDescriptors();
  const children = await prepareChildren(processes, options.serving, confinement);
  let confined = confinement.summary;
  const master = createMaster({
    options,
    log,
    spawner: children.spawner,
    confined: () => confined,
    descriptors: descriptors instanceof Error ? null : descriptors,
  });
  const history = prepared(master);
  if (history !== null) log.follow(history.record);
  let page: Page | null = null;
  let isHistoryWritten = true;
  let haveAllEnded = true;
  try {
    // The page first: any client that can be served can be seen. The children must reach
    // neither it nor the listener.
    page = openPage(master, history);
    const ports = { page: page?.url ?? null, server: master.bind() ?? options.port };
    confined = confineChildren(children, options, config, ports, confined);
    await children.probe();
    // A signal that has arrived is handled within two turns of the event loop: in the first, a
    // timer may be called before it.
    for (let turn = 0; turn < 2; turn += 1) await Bun.sleep(0);
    if (signals.isStopRequested()) return true;
    listen(master, options, output, page, pageAccess, confined, confinement.warnings);
    signals.handle({ stop: master.stop, reload: () => reload(master) });
    if (descriptors instanceof Error && options.spares > 0) {
      warn(`no spares: ${descriptors.message}`);
    }
    const timer = setTimeout(() => history?.start(), HISTORY_START_DELAY_MS);
    const outcome = await Promise.race([master.stopped, threadFailure.promise]);
    clearTimeout(timer);
    if (outcome instanceof Error) return await abandon(outcome, output, page, history, pageAccess);
    haveAllEnded = outcome;
  } finally {
    page?.close();
    isHistoryWritten = (await history?.close()) ?? true;
    children.close();
    processes.close();
  }
  return isHistoryWritten && haveAllEnded;
}

/**
 * Ends this process, because children can be neither started, signalled nor reaped any more. Those
 * of live clients serve them to the end, as after a kill of the master, so their files stay; a new
 * server can use the port immediately.
 */
async function abandon(
  { message }: Error,
  { warn, stdout, stderr }: Output,
  page: Page | null,
  history: ServerHistory | null,
  pageAccess: PageAccess | null,
): Promise<never> {
  warn(`${message}: the server ends, and live clients keep their children`);
  page?.close();
  pageAccess?.[Symbol.dispose]();
  await history?.close();
  await Promise.all([stdout.flush(), stderr.flush()]);
  process.exit(1);
}

/**
 * Announces and logs where it listens. Waits for nothing, so that no client is logged before that.
 */
function listen(
  master: ServerMaster,
  options: Options,
  output: Output,
  page: Page | null,
  pageAccess: PageAccess | null,
  confined: ConfinementSummary,
  warnings: readonly string[],
): void {
  const { log } = output;
  const { host } = options;
  const port = master.listen();
  const dashboard = page?.url ?? null;
  const pageUrl = dashboard === null ? null : (pageAccess?.publish(dashboard) ?? dashboard);
  announce(output, options.log, host, port, pageUrl);
  // The log is stored, and read by people who may not open the page: it must not contain the
  // password.
  log.write({ event: "listening", host, port, dashboard, pid: process.pid });
  log.write({ event: "confined", ...confined });
  for (const warning of [...warnings, ...(pageAccess?.problems() ?? [])]) output.warn(warning);
  const runAs = confined.ownUser ? "a user of its own" : confined.user;
  const exposure = exposureWarning(options, port, runAs);
  if (exposure !== null) log.write(exposure);
}
