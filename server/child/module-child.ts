/**
 * A child whose service is a module: the user's, or the chat. Otherwise as child.ts; the spare has loaded the
 * module and rehearses nothing, for nobody knows what that would do.
 */
import { dirname } from "node:path";
import { inspect } from "node:util";
import {
  CLIENT_FD,
  exitChild,
  MODULE_LOADED_STATUS,
  parseChildStart,
  MODULE_FAILED_STATUS,
} from "../channel/child-start.ts";
import { type Reporter, createReporter } from "../channel/report.ts";
import { serveClient } from "./serve-client.ts";
import type { Service } from "../service.ts";
import { hostService } from "./services/hosted.ts";
import { checkService } from "./services/check.ts";
import type { Link } from "./services/service.ts";
import type { Task } from "../channel/task.ts";

/** A line of a stack that is in this bundle. */
const OURS = /module-child\.js|\$bunfs/;

/** Causes of one error that are told, and how far down: they may go round in a circle. */
const MOST_CAUSES = 3;

const { module, role, task } = parseChildStart();

void start();

async function start(): Promise<void> {
  if (role === "probe") {
    await load().catch((error: unknown) => {
      process.stderr.write(whatAndWhere(error));
      process.exit(MODULE_FAILED_STATUS);
    });
    process.exit(MODULE_LOADED_STATUS);
  }
  const definition = await load().catch(failing);
  const serve = serving(definition);
  if (role === "client") return serve(CLIENT_FD, task, createReporter(), exitChild);
  const { becomeSpare } = await import("./spare-child.ts");
  await becomeSpare(CLIENT_FD, task, serve, exitChild, { rounds: 0 });
}

async function load(): Promise<Service<unknown>> {
  if (module === "") return (await import("./services/chat.ts")).default as Service<unknown>;
  // A CommonJS bundle, imported, would have its exports themselves as the default one where it has none.
  const isEsm = module.endsWith(".mjs");
  const loaded = (isEsm ? await import(module) : require(module)) as { default?: unknown };
  return checkService(loaded.default);
}

/** A module that could be loaded at the start may fail later, where a file or a database has gone. */
function failing(error: unknown): Service<unknown> {
  return {
    open() {
      throw error;
    },
  };
}

function serving(definition: Service<unknown>) {
  return (fd: number, task: Task, report: Reporter, end: () => void): void => {
    const guest = { id: task.id, address: task.remoteAddress, port: task.remotePort };
    let hosted: ReturnType<typeof hostService>;
    const speak = (link: Link) => {
      hosted = hostService(definition, guest, link, report, (error) => describeError(error));
      process.on("uncaughtException", hosted.fail);
      process.on("unhandledRejection", hosted.fail);
      return hosted;
    };
    serveClient(fd, task, speak, report, (reason) => void hosted.left(reason).finally(end));
  };
}

/** In one line. */
function whatAndWhere(error: unknown): string {
  const [what, where] = describeError(error).split("\n");
  return where === undefined ? `${what}.` : `${what} (${where.trim()}).`;
}

/** What was thrown and what caused it, with those lines of each stack that are not ours. */
function describeError(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return `thrown: ${inspect(error)}`;
  const { name, message, stack = "", cause } = error;
  const theirs = stack.split("\n").filter((line) => /^\s+at /.test(line) && !OURS.test(line));
  // Files are named as the user knows them.
  const where = theirs.map((line) => line.replace(`${dirname(module)}/`, ""));
  const parts = error instanceof AggregateError ? error.errors : [];
  const causes = depth === MOST_CAUSES ? [] : [...parts, cause].slice(0, MOST_CAUSES);
  const why = causes
    .filter((one) => one !== undefined)
    .map((one) => `because of ${describeError(one, depth + 1)}`);
  return [`${name}: ${message}`, ...where, ...why].join("\n");
}
