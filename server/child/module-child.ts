/**
 * A child whose service is a module: the user's, or the chat. Otherwise like child.ts. As a spare
 * it has loaded the module but rehearses nothing, since nobody knows what that would do.
 */
import {
  CLIENT_FD,
  exitChild,
  MODULE_LOADED_STATUS,
  parseChildStart,
  MODULE_FAILED_STATUS,
} from "../channel/child-start.ts";
import { MAX_ERROR_CHARS } from "../channel/messages.ts";
import { type Reporter, createReporter } from "../channel/report.ts";
import type { Task } from "../channel/task.ts";
import type { Service } from "../service.ts";
import { createErrorDescriber } from "./describe-error.ts";
import { serveClient } from "./serve-client.ts";
import type { Connection } from "./services/byte-service.ts";
import { checkService } from "./services/check.ts";
import { hostService } from "./services/hosted.ts";

const { module, role, task, channel } = parseChildStart();
const describeError = createErrorDescriber(module);

void main();

async function main(): Promise<void> {
  if (role === "probe") return probe();
  if (role === "client") {
    const serve = serving(await load().catch(failing));
    return serve(CLIENT_FD, task, createReporter(channel), exitChild);
  }
  const serve = serving(await load().catch(exitUnloaded));
  const { becomeSpare } = await import("./spare-child.ts");
  await becomeSpare(CLIENT_FD, task, channel, serve, exitChild, { rehearsals: 0 });
}

async function load(): Promise<Service<unknown>> {
  if (module === "") return (await import("./services/chat.ts")).default as Service<unknown>;
  // `import` of a CommonJS bundle without a default export would return its
  // exports as the default one.
  const isEsm = module.endsWith(".mjs");
  const loaded = (isEsm ? await import(module) : require(module)) as { default?: unknown };
  return checkService(loaded.default);
}

/** Loads the service, so that the master learns whether a child can, and exits. */
async function probe(): Promise<void> {
  try {
    await load();
  } catch (error) {
    const [what, where] = describeError(error).split("\n");
    process.stderr.write(where === undefined ? `${what}.` : `${what} (${where.trim()}).`);
    process.exit(MODULE_FAILED_STATUS);
  }
  process.exit(MODULE_LOADED_STATUS);
}

/**
 * A spare is of no use without its service. The next client gets a child of its own,
 * which may be able to load it.
 */
function exitUnloaded(error: unknown): never {
  channel.send({ type: "failed", error: describeError(error).slice(0, MAX_ERROR_CHARS) });
  process.exit(MODULE_FAILED_STATUS);
}

/**
 * A module that was loaded when the server started may fail later, because a
 * file or a database has gone.
 */
function failing(error: unknown): Service<unknown> {
  return {
    open() {
      throw error;
    },
  };
}

function serving(service: Service<unknown>) {
  return (fd: number, task: Task, report: Reporter, onClosed: () => void): void => {
    const identity = { id: task.id, address: task.remoteAddress, port: task.remotePort };
    let hosted: ReturnType<typeof hostService>;
    const start = (connection: Connection) => {
      hosted = hostService(service, identity, connection, channel, report, describeError);
      process.on("uncaughtException", hosted.fail);
      process.on("unhandledRejection", hosted.fail);
      return hosted;
    };
    serveClient(fd, task, start, report, (reason) => void hosted.leave(reason).finally(onClosed));
  };
}
