import type { Task } from "./task.ts";

/** The client's socket, or that on which it will come. */
export const CLIENT_FD = 3;

/** The exit status of a probe that could not load its service, and of one that could: a module may exit with 0. */
export const MODULE_FAILED_STATUS = 3;
export const MODULE_LOADED_STATUS = 4;

export interface ChildStart {
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
export function parseChildStart(orphaned: () => void = exitChild): ChildStart {
  const [, module, role, json] = process.argv.slice(2);
  if (module === undefined || json === undefined) {
    process.stderr.write("brood: children are started by the server. Try --help.\n");
    process.exit(2);
  }
  const task = JSON.parse(json) as Task;
  if (task.orphans === "leave") process.once("disconnect", orphaned);
  return { module, role: role as ChildStart["role"], task };
}

export function exitChild(): void {
  process.exit(0);
}
