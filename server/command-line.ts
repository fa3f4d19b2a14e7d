/** What a user starts: `brood serve`, `brood client`, `brood fork-example`. */
import { type Page, prepareDashboard } from "../dashboard/serve.ts";
import { formatAddress, reachable } from "../shared/address.ts";
import type { LogEvent } from "../shared/log.ts";
import type { Master } from "../shared/master.ts";
import { runClient } from "./client.ts";
import { type Config, readConfig } from "./config.ts";
import { type LinePrinter, linePrinter } from "./console.ts";
import type { Descriptors } from "./descriptors.ts";
import { UsageError } from "./flags.ts";
import { forkExample } from "./fork-example.ts";
import { hangupWatch } from "./hangup.ts";
import { helpText } from "./help.ts";
import { changedSettings } from "./limits.ts";
import { listenError } from "./listen-error.ts";
import { createLog, type Log } from "./log.ts";
import { createMaster, type OwnMaster } from "./master.ts";
import type { Options } from "./options.ts";
import { nameThisProcess, prepareProgram } from "./program.ts";

const [command = "serve", ...rest] = process.argv.slice(2);
process.exitCode = await run(command, rest);

async function run(command: string, args: string[]): Promise<number> {
  try {
    if (command === "--help" || args.includes("--help")) return print(helpText());
    switch (command) {
      case "serve":
        return await serve(() => readConfig(args, process.env));
      case "client":
        return await runClient(args);
      case "fork-example":
        return await forkExample();
      default:
        throw new UsageError(`${command}: no such command. Try --help.`);
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    process.stderr.write(`brood: ${error.message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

/** Runs the master and the page until a signal ends them. `read` reads the options, and again when asked to. */
async function serve(read: () => Config): Promise<number> {
  const { options } = read();
  nameThisProcess();
  const openPage = await preparePage(options);
  const descriptors = await prepareDescriptors();
  const program = await prepareProgram();
  const stdout = linePrinter(1, (lines) => log.write(notPrinted(lines)));
  const stderr = linePrinter(2);
  const log = createLog(options.log, stdout.print);
  const master = createMaster(
    options,
    log,
    program,
    descriptors instanceof Error ? null : descriptors,
  );
  const end = stopped(master, () => reload(master, log, options, read));
  let page: Page | null = null;
  try {
    // The page first: whoever can be served can be seen. Nothing is awaited until all is announced,
    // so that no client comes before the line that says where to.
    page = openPage(master);
    const port = master.listen();
    const dashboard = page?.url ?? null;
    if (options.log !== "json") {
      announce(options.log === "tutorial" ? stderr : stdout, options.host, port, dashboard);
    }
    log.write({ event: "listening", host: options.host, port, dashboard, pid: process.pid });
    if (descriptors instanceof Error && options.spares > 0) {
      log.write({ event: "warning", message: `no spares: ${descriptors.message}` });
    }
    await end;
  } finally {
    page?.close();
    program.close();
  }
  const written = await Promise.all([stdout.flush(), stderr.flush()]);
  // A write that nobody takes would keep this process for ever.
  if (written.includes(false)) process.exit(0);
  return 0;
}

/** Gives the error that says why there is no libc to be had here. */
async function prepareDescriptors(): Promise<Descriptors | Error> {
  try {
    return (await import("./descriptors.ts")).openDescriptors();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

/** Gives what opens the page: nothing with `--dashboard off`. */
async function preparePage(options: Options): Promise<(master: Master) => Page | null> {
  const { dashboard, dashboardPassword: password } = options;
  if (dashboard === null) return () => null;
  const open = await prepareDashboard();
  return (master) => {
    try {
      return open({ ...dashboard, password, master });
    } catch (cause) {
      throw listenError(dashboard, `--dashboard ${formatAddress(dashboard.host, 0)}`, cause);
    }
  };
}

/** Says how to be a client and where the page is. */
function announce(out: LinePrinter, host: string, port: number, url: string | null): void {
  out.print("brood: a process of its own for each client\n");
  out.print(`  telnet ${reachable(host)} ${port}`);
  out.print(url === null ? "  no page (--dashboard off)\n" : `  ${url}\n`);
}

function notPrinted(lines: number): LogEvent {
  const many = `${lines.toLocaleString("en")} ${lines === 1 ? "line" : "lines"}`;
  return { event: "warning", message: `${many} not printed: the console did not keep up` };
}

/** Settles when a signal has stopped the master; a second signal hurries it. HUP is to read the options again. */
async function stopped(master: OwnMaster, reload: () => void): Promise<void> {
  const isHangup = hangupWatch();
  await new Promise<void>((resolve) => {
    const stop = (signal: NodeJS.Signals) => void master.stop(signal).then(resolve);
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
    process.on("SIGHUP", () => {
      if (isHangup()) stop("SIGHUP");
      else reload();
    });
  });
}

/** What is wrong with the new options leaves the old ones in force. */
function reload(master: OwnMaster, log: Log, before: Options, read: () => Config): void {
  try {
    const { options } = read();
    master.setLimits(options);
    const fixed = changedSettings(before, options);
    if (fixed.length > 0) {
      const names = fixed.map((name) => `--${name}`).join(", ");
      log.write({
        event: "warning",
        message: `${names}: changed, for the next start of the server`,
      });
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    log.write({ event: "warning", message: `options not read again: ${error.message}` });
  }
}
