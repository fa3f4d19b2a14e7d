/**
 * Which user each child runs as, and what ends the processes that a child leaves behind, whatever
 * session and group they have moved to. Each child has a user of its own (own-users.ts), or all
 * share one (shared-user.ts).
 */

/** The IDs of one child's user and group. */
export interface ChildUser {
  readonly uid: number;
  readonly gid: number;
  /**
   * Options of Bun.spawn, which clears the supplementary groups; none if it
   * is the master's own user.
   */
  readonly spawn: { uid?: number; gid?: number };
}

/** Returns null if there is nothing more to do as the child's user. */
export type OnCleared = (leftovers: number) => Promise<void> | null;

export interface ChildUsers extends Disposable {
  /**
   * Returns the user of the next child. After that, call `started` and `ended`, or `release` if the
   * child could not be started.
   * @throws an error with code EAGAIN if no user ID is free
   */
  take(): ChildUser;
  release(user: ChildUser): void;
  /** A child has been started, in a session of its own. */
  started(pid: number): void;
  /**
   * SIGKILL was sent to the child's process group. If the child cannot be reaped soon after, kills
   * what may be in the way. `isReaped` returns true once the child has been reaped.
   */
  killed(user: ChildUser, pid: number, isReaped: () => boolean): void;
  /**
   * The child has been reaped. Kills what it has left behind. When nothing of that is left, calls
   * `onCleared` with the number of processes that had to be killed: immediately if there were none.
   * No other child gets the user before the promise that `onCleared` returns has resolved.
   */
  ended(user: ChildUser, pid: number, onCleared: OnCleared): void;
  /** A process that was started to clean up after a child has been reaped. */
  cleaned(pid: number): void;
}
