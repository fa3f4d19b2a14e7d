/** How the master starts a child of any kind: with the command line `ENTRY MODULE ROLE TASK`. */
import { type ChildChannel, createChildChannel } from "./child-channel.ts";
import type { Task } from "./task.ts";

/** The client's socket, or the Unix socket over which a spare will receive it. */
export const CLIENT_FD = 3;

/** The channel to the master. */
export const CHANNEL_FD = 4;

/**
 * The exit status of a probe that could not load its service, and of one that could:
 * a module may exit with 0.
 */
export const MODULE_FAILED_STATUS = 3;
export const MODULE_LOADED_STATUS = 4;

export interface ChildStart {
  /** The path of the service's module, bundled; "" if there is none. */
  module: string;
  /**
   * client: `CLIENT_FD` is its client's socket. spare: started ahead of its client. probe: the
   * master only checks whether a child can start.
   */
  role: "client" | "spare" | "probe";
  task: Task;
  channel: ChildChannel;
}

/**
 * Returns how this child was started; exits if a person started it. `onOrphaned` is called when the
 * master has died, if children are to end then (`--orphans leave`).
 */
export function parseChildStart(onOrphaned: () => void = exitChild): ChildStart {
  const [, module, role, json] = process.argv.slice(2);
  if (module === undefined || json === undefined) {
    process.stderr.write("brood: children are started by the server. Try --help.\n");
    process.exit(2);
  }
  const task = JSON.parse(json) as Task;
  const channel = createChildChannel(CHANNEL_FD);
  if (task.orphans === "leave") channel.onClosed(onOrphaned);
  return { module, role: role as ChildStart["role"], task, channel };
}

export function exitChild(): void {
  process.exit(0);
}
