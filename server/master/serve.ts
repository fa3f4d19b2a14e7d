/** `brood serve`: puts the master, its children's program, the log and the page together, and runs them. */
import { type Page, prepareDashboard } from "../../dashboard/http/serve.ts";
import { formatAddress, reachableHost } from "../../shared/address.ts";
import type { History } from "../../shared/history.ts";
import type { LogEvent } from "../../shared/log.ts";
import type { Master } from "../../shared/master.ts";
import { prepareChildren } from "../handover/children.ts";
import type { Config } from "../options/config.ts";
import { confine } from "../confine/confine.ts";
import { type LinePrinter, createLinePrinter } from "./console.ts";
import type { DescriptorPassing } from "../os/descriptor-passing.ts";
import { exposureWarning } from "./exposure-warning.ts";
import { watchHangup } from "./hangup.ts";
import { openHistory, type ServerHistory } from "../history/open.ts";
import { resolveHistoryFile } from "../history/file.ts";
import { listenError } from "../accept/listen-error.ts";
import { createLog } from "./log.ts";
import { createMaster, type ServerMaster } from "./master.ts";
import type { Options } from "../options/options.ts";
import { nameThisProcess } from "../handover/program.ts";
import { reload } from "./reload.ts";
import { startsProcesses } from "../options/serving.ts";

/** How long (ms) after the master listens the history is opened. */
const HISTORY_AFTER = 100;

/** Runs the master and the page until a signal ends them. `read` reads the options, and again when asked to. */
export async function serve(read: () => Config): Promise<number> {
  const signals = catchSignals();
  const { options } = read();
  nameThisProcess();
  const stdout = createLinePrinter(1, (lines) => log.write(notPrinted(lines)));
  const stderr = createLinePrinter(2);
  const log = createLog(options.log, stdout.print);
  const warn = (message: string) => log.write({ event: "warning", message });
  const prepareHistory = historyOf(options, warn);
  await using confinement = confine(options.confine, startsProcesses(options.serving), warn);
  const openPage = await preparePage(options);
  const descriptors = await prepareDescriptors();
  const children = await prepareChildren(options.serving, confinement);
  const master = createMaster(
    options,
    log,
    children.spawner,
    confinement.summary,
    descriptors instanceof Error ? null : descriptors,
  );
  const history = prepareHistory(master);
  if (history !== null) log.follow(history.record);
  let page: Page | null = null;
  let isClosed = true;
  try {
    await children.probe();
    if (signals.stopRequested()) return 0;
    // The page first: whoever can be served can be seen. Nothing is awaited until all is announced,
    // so that no client comes before the line that says where to.
    page = openPage(master, history);
    const port = master.listen();
    const dashboard = page?.url ?? null;
    if (options.log !== "json") {
      announce(options.log === "tutorial" ? stderr : stdout, options.host, port, dashboard);
    }
    log.write({ event: "listening", host: options.host, port, dashboard, pid: process.pid });
    signals.handle(master, () => reload(master, log, options, read));
    log.write({ event: "confined", ...confinement.summary });
    const exposed = exposureWarning(options, port, confinement.summary.user);
    if (exposed !== null) log.write(exposed);
    if (descriptors instanceof Error && options.spares > 0) {
      warn(`no spares: ${descriptors.message}`);
    }
    // Whoever waited to be accepted comes first.
    const starting = setTimeout(() => history?.start(), HISTORY_AFTER);
    await master.stopped;
    clearTimeout(starting);
  } finally {
    page?.close();
    isClosed = (await history?.close()) ?? true;
    children.close();
  }
  const written = await Promise.all([stdout.flush(), stderr.flush()]);
  // A write that nobody takes, or a thread that waits for a disk, would keep this process for ever.
  if (written.includes(false) || !isClosed) process.exit(0);
  return 0;
}

/** Gives the error that says why there is no libc to be had here. */
async function prepareDescriptors(): Promise<DescriptorPassing | Error> {
  try {
    return (await import("../os/descriptor-passing.ts")).openDescriptorPassing();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

/** Gives what opens the page: nothing with `--dashboard off`. */
async function preparePage(
  options: Options,
): Promise<(master: Master, history: History | null) => Page | null> {
  const { dashboard, access } = options;
  if (dashboard === null) return () => null;
  const open = await prepareDashboard();
  return (master, history) => {
    if (history === null) throw new Error("there is a page, and no history for it");
    try {
      return open({ ...dashboard, access, master, history });
    } catch (cause) {
      throw listenError(dashboard, `--dashboard ${formatAddress(dashboard.host, 0)}`, cause);
    }
  };
}

/**
 * Gives what opens the history: nothing where there is neither a file for it nor a page to show it.
 * @throws {UsageError} if the file cannot be one.
 */
function historyOf(
  { history, dashboard }: Options,
  warn: (message: string) => void,
): (master: Master) => ServerHistory | null {
  if (history.file === null && dashboard === null) return () => null;
  const file = history.file === null ? null : resolveHistoryFile(history.file);
  return (master) => {
    const liveIds = () => master.snapshot().children.map(({ id }) => id);
    return openHistory({ ...history, file, instance: master.instance }, { warn, liveIds });
  };
}

/** Says how to be a client and where the page is. */
function announce(out: LinePrinter, host: string, port: number, url: string | null): void {
  out.print("brood: a process of its own for each client\n");
  out.print(`  telnet ${reachableHost(host)} ${port}`);
  out.print(url === null ? "  no page (--dashboard off)\n" : `  ${url}\n`);
}

function notPrinted(lines: number): LogEvent {
  const many = `${lines.toLocaleString("en")} ${lines === 1 ? "line" : "lines"}`;
  return { event: "warning", message: `${many} not printed: the console did not keep up` };
}

interface Signals {
  /** True once a signal that is to stop the server has come. */
  stopRequested(): boolean;
  /** From now on a signal stops the master, and a second one hurries it. HUP reads the options again. */
  handle(master: ServerMaster, reload: () => void): void;
}

/** Catches signals that come before the master listens, so that none is lost or stops half of it. */
function catchSignals(): Signals {
  const isHangup = watchHangup();
  let isStopRequested = false;
  let isReloadRequested = false;
  let stop = (_signal: NodeJS.Signals): void => {
    isStopRequested = true;
  };
  let reload = (): void => {
    isReloadRequested = true;
  };
  process.on("SIGINT", (signal) => stop(signal));
  process.on("SIGTERM", (signal) => stop(signal));
  process.on("SIGHUP", (signal) => {
    if (isHangup()) stop(signal);
    else reload();
  });
  return {
    stopRequested: () => isStopRequested,
    handle(master, reloadNow) {
      stop = (signal) => master.stop(signal);
      reload = reloadNow;
      if (isReloadRequested) reload();
    },
  };
}
