/** What a user starts: `brood serve`, `brood client`, `brood fork-example`. */
import { type Page, prepareDashboard } from "../dashboard/serve.ts";
import { formatAddress, reachable } from "../shared/address.ts";
import type { Master } from "../shared/master.ts";
import { runClient } from "./client.ts";
import { confine } from "./confine.ts";
import { linePrinter } from "./console.ts";
import type { Descriptors } from "./descriptors.ts";
import { UsageError } from "./flag-values.ts";
import { forkExample } from "./fork-example.ts";
import { helpText } from "./help.ts";
import { listenError } from "./listen-error.ts";
import { createLog } from "./log.ts";
import { createMaster, type OwnMaster } from "./master.ts";
import { type Options, parseOptions } from "./options.ts";
import { probe } from "./probe.ts";
import { nameThisProcess, prepareProgram } from "./program.ts";

const [command = "serve", ...rest] = process.argv.slice(2);
process.exitCode = await run(command, rest);

async function run(command: string, args: string[]): Promise<number> {
  try {
    if (command === "--help" || args.includes("--help")) return print(helpText());
    switch (command) {
      case "serve":
        return await serve(parseOptions(args, process.env));
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

/** Runs the master and the page until a signal ends them. */
async function serve(options: Options): Promise<number> {
  nameThisProcess();
  const log = createLog(options.log, linePrinter(process.stdout));
  const warn = (message: string) => log.write({ event: "warning", message });
  await using confinement = confine(options.confine, warn);
  const openPage = await preparePage(options);
  const descriptors = options.spares > 0 ? await prepareDescriptors() : null;
  const program = await prepareProgram(confinement.executable);
  const master = createMaster(
    options,
    log,
    program,
    confinement,
    descriptors instanceof Error ? null : descriptors,
  );
  const end = stopped(master);
  let page: Page | null = null;
  try {
    await probe(program, confinement);
    // The page first: whoever can be served can be seen. Nothing is awaited until all is announced,
    // so that no client comes before the line that says where to.
    page = openPage(master);
    const port = master.listen();
    const dashboard = page?.url ?? null;
    announce(options, port, dashboard);
    log.write({ event: "listening", host: options.host, port, dashboard, pid: process.pid });
    log.write({ event: "confined", ...confinement.told });
    if (descriptors instanceof Error) warn(`no spares: ${descriptors.message}`);
    await end;
  } finally {
    page?.close();
    program.close();
  }
  return 0;
}

/** Loaded only where spares are wanted; gives the error that says why there can be none here. */
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

/** Settles when a signal has stopped the master; a second signal hurries it. */
async function stopped(master: OwnMaster): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => void master.stop(signal).then(resolve));
    }
  });
}
