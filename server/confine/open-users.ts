/** Decides whether each child has a user of its own, or all share one. */
import { readFileSync } from "node:fs";
import type { ConfineOptions } from "../options/confine-flags.ts";
import { UsageError } from "../options/usage-error.ts";
import { type ByteLocks, openByteLocks } from "../os/byte-locks.ts";
import type { ProcessCalls } from "../os/process-calls.ts";
import type { Account } from "./account.ts";
import type { ChildUser, ChildUsers } from "./child-users.ts";
import { ownUsers } from "./own-users.ts";
import { sharedUser, sharedUserByGroups } from "./shared-user.ts";
import { createUidBlocks, UID_LOCKS_PATH } from "./uid-blocks.ts";
import {
  DEFAULT_UIDS,
  formatUids,
  isInitialNamespace,
  type UidRange,
  unmappedReason,
} from "./uid-range.ts";
import { createUids } from "./uids.ts";

export interface OpenedUsers {
  users: ChildUsers;
  /** The IDs of the children's users; null if they share one. */
  range: UidRange | null;
  /**
   * Why children share a user although root started the server; null if they don't,
   * or if the options say so.
   */
  noOwnUserReason: string | null;
  /** Why another server may use the same user IDs; null if none does. */
  noLocksReason: string | null;
  /**
   * What sets the limit on a child's processes: the master, for everything that it starts, or each
   * child; null if nothing does.
   */
  processLimitBy: "master" | "child" | null;
}

interface UsersContext {
  options: ConfineOptions;
  /** That of all children, if they share one. */
  account: Account;
  self: { uid: number; gid: number };
  calls: ProcessCalls | Error;
  startsProcesses: boolean;
  warn(message: string): void;
}

/** @throws {UsageError} if the IDs of `--uids` cannot be used */
export function openUsers(context: UsersContext): OpenedUsers {
  const { options, self, calls, warn } = context;
  const { user, group, uids } = options;
  if (self.uid !== 0) {
    if (uids === null) return openSharedUser(context, null);
    throw new UsageError("--uids: only root can run children as other users.");
  }
  if (user !== null || group !== null) return openSharedUser(context, null);
  if (calls instanceof Error) return openSharedUser(context, calls.message);
  const range = uids ?? DEFAULT_UIDS;
  const noOwnUserReason = findUnmapped(range);
  if (noOwnUserReason !== null) {
    if (uids === null) return openSharedUser(context, noOwnUserReason);
    throw new UsageError(`--uids ${formatUids(uids)}: ${noOwnUserReason}.`);
  }
  const locks = openLocks();
  const [blocks, noLocksReason] =
    locks instanceof Error
      ? [createUidBlocks(range, null), locks.message]
      : [createUidBlocks(range, locks), null];
  const users = ownUsers(createUids(range, blocks, calls.isUserActive), calls, warn);
  const processLimitBy = limitProcesses(options, calls);
  return { users, range, noOwnUserReason: null, noLocksReason, processLimitBy };
}

function openSharedUser(
  { account, self, calls, startsProcesses, warn }: UsersContext,
  noOwnUserReason: string | null,
): OpenedUsers {
  const { uid, gid } = account;
  const isOther = uid !== self.uid || gid !== self.gid;
  const user: ChildUser = { uid, gid, spawn: isOther ? { uid, gid } : {} };
  const users =
    calls instanceof Error
      ? sharedUserByGroups(user)
      : sharedUser(user, calls, startsProcesses, warn);
  // The kernel counts a user's processes: here those of all children.
  return { users, range: null, noOwnUserReason, noLocksReason: null, processLimitBy: null };
}

/** Changes this process: what it starts inherits the limit, which applies to each user but root. */
function limitProcesses(
  { maxProcesses }: ConfineOptions,
  calls: ProcessCalls,
): OpenedUsers["processLimitBy"] {
  if (maxProcesses === null) return null;
  // In a user namespace, root is an ordinary user of the host, and its own
  // processes would be limited.
  if (!isInitialNamespace(readFileSync("/proc/self/uid_map", "latin1"))) return "child";
  calls.limitProcesses(maxProcesses);
  return "master";
}

/**
 * Returns why the user namespace of this process does not have a range of users
 * and groups; null if it does.
 */
function findUnmapped(range: UidRange): string | null {
  const maps = ["uid", "gid"].map((id) => readFileSync(`/proc/self/${id}_map`, "latin1"));
  return maps.map((map) => unmappedReason(range, map)).find((reason) => reason !== null) ?? null;
}

/** The locks stay until this process ends: its user IDs are in use until then. */
function openLocks(): ByteLocks | Error {
  try {
    return openByteLocks(UID_LOCKS_PATH);
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}
