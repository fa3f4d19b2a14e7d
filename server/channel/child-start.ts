/** With what the master starts a child, whichever kind it is: the command line `ENTRY MODULE ROLE TASK`. */
import type { Task } from "../child/serve-client.ts";

/** The client's socket, or that on which it will come. */
export const GIVEN_FD = 3;

/** The exit status of a probe that could not load its service, and of one that could: a module may exit with 0. */
export const WRONG_MODULE = 3;
export const LOADED_MODULE = 4;

export interface Start {
  /** The service's module, bundled; "" where there is none. */
  module: string;
  /**
   * client: cold, its client's socket is `GIVEN_FD`. spare: started ahead, the socket will come over
   * `GIVEN_FD`. probe: the master looks whether a child can start at all.
   */
  role: "client" | "spare" | "probe";
  task: Task;
}

/**
 * How this child was started; ends the process if a person did it. `orphaned` is called when the master has gone,
 * where its children are to go with it.
 */
export function startedAs(orphaned: () => void = leave): Start {
  const [, module, role, json] = process.argv.slice(2);
  if (module === undefined || json === undefined) {
    process.stderr.write("brood: children are started by the server. Try --help.\n");
    process.exit(2);
  }
  const task = JSON.parse(json) as Task;
  if (task.orphans === "leave") process.once("disconnect", orphaned);
  return { module, role: role as Start["role"], task };
}

export function leave(): void {
  process.exit(0);
}
