/**
 * The user that each child runs as, and the end of what a child leaves behind: processes that it has started and that
 * outlive it, whatever session and group they have moved to. Each child has a user of its own (own-users.ts), or all
 * share one (shared-user.ts).
 */

/** The IDs of one child's user and group. */
export interface ChildUser {
  readonly uid: number;
  readonly gid: number;
  /** Options of Bun.spawn, which clears the supplementary groups; none if it is the master's own user. */
  readonly spawn: { uid?: number; gid?: number };
}

/** Returns null if there is nothing more to do as the child's user. */
export type OnCleared = (leftovers: number) => Promise<void> | null;

export interface ChildUsers extends Disposable {
  /**
   * Returns the user of the next child. After that, call `started` and `ended`, or `release` if the child could not be
   * started.
   * @throws an error with code EAGAIN if no user ID is free
   */
  take(): ChildUser;
  release(user: ChildUser): void;
  /** `pid`: of a child that was started as `user`, in a session of its own. */
  started(pid: number): void;
  /**
   * The child has been reaped. Kills what it has left behind. Calls `onCleared` with the number of processes that had
   * to be killed when none of them is left: at once, if there was none. No other child gets the user before what that
   * returns has resolved.
   */
  ended(user: ChildUser, pid: number, onCleared: OnCleared): void;
  /** A process has been reaped that was started to clean up after a child. */
  cleaned(pid: number): void;
}
