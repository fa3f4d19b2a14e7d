/** What a user starts: `brood serve`, `brood client`, `brood fork-example`. */
import { closeSync, openSync, readFileSync } from "node:fs";
import { type Page, prepareDashboard } from "../dashboard/serve.ts";
import { formatAddress, reachable } from "../shared/address.ts";
import type { Master } from "../shared/master.ts";
import { runClient } from "./client.ts";
import { type Config, readConfig } from "./config.ts";
import { changedSettings } from "./limits.ts";
import { linePrinter } from "./console.ts";
import type { Descriptors } from "./descriptors.ts";
import { UsageError } from "./flags.ts";
import { forkExample } from "./fork-example.ts";
import { helpText } from "./help.ts";
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
  const log = createLog(options.log, linePrinter(process.stdout));
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
    announce(options, port, dashboard);
    log.write({ event: "listening", host: options.host, port, dashboard, pid: process.pid });
    if (descriptors instanceof Error && options.spares > 0) {
      log.write({ event: "warning", message: `no spares: ${descriptors.message}` });
    }
    await end;
  } finally {
    page?.close();
    program.close();
  }
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

/** Says how to be a client and where the page is; on stderr where stdout is for machines. */
function announce(options: Options, port: number, url: string | null): void {
  if (options.log === "json") return;
  const out = options.log === "tutorial" ? process.stderr : process.stdout;
  out.write(`brood: a process of its own for each client\n\n`);
  out.write(`  telnet ${reachable(options.host)} ${port}\n`);
  out.write(url === null ? "  no page (--dashboard off)\n\n" : `  ${url}\n\n`);
}

/** Settles when a signal has stopped the master; a second signal hurries it. HUP is to read the options again. */
async function stopped(master: OwnMaster, reload: () => void): Promise<void> {
  const endsWithTerminal = hasTerminal() && !ignoresHangup();
  await new Promise<void>((resolve) => {
    const stop = (signal: NodeJS.Signals) => void master.stop(signal).then(resolve);
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
    process.on("SIGHUP", () => {
      if (endsWithTerminal && !hasTerminal()) stop("SIGHUP");
      else reload();
    });
  });
}

/** HUP also says that the terminal was closed; then there is none to be opened any more (tty(4)). */
function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false; // ENXIO where there never was one, EIO after it has gone
  }
}

/** True where nohup(1) has started this process: it is to outlive its terminal. To be asked before HUP is heard. */
function ignoresHangup(): boolean {
  if (process.platform !== "linux") return false;
  const [, mask = "0"] =
    /^SigIgn:\s+([0-9a-f]+)/m.exec(readFileSync("/proc/self/status", "latin1")) ?? [];
  return BigInt(`0x${mask}`) % 2n === 1n;
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
