/** A process that serves a client, as the master sees it. */
import type { Channel } from "../channel/channel.ts";
import type { ChildUser } from "../confine/child-users.ts";
import type { ResourceUsage, StartedProcess } from "./processes.ts";

/** How a child ended. `leftovers`: how many of the processes that it started had to be killed. */
export type Exit = [exitCode: number | null, signal: string | null, leftovers: number];

export interface ChildProcess extends Pick<StartedProcess, "pid" | "isReaped" | "kill"> {
  /** The user that it was started as. */
  readonly user: ChildUser;
  /** Null for a program. */
  readonly channel: Channel | null;
  /** Null before it was reaped. */
  usage(): ResourceUsage | null;
}
