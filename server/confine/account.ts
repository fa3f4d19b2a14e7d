/** The user and the group that children run as: those of the flags, looked up on this machine. */
import type { FindAccount } from "../../shared/accounts.ts";
import { UsageError } from "../options/usage-error.ts";

export interface Account {
  uid: number;
  gid: number;
  /** Their names, or their numbers if they have none. */
  user: string;
  group: string;
  /** The user's home directory, or null. */
  home: string | null;
}

/** The kernel's overflow IDs, for machines without a user `nobody`. */
const NOBODY = { uid: 65_534, gid: 65_534 };

/**
 * Returns the account that children run as. By default it is the master's own, or `nobody` if the
 * master is root: children stay root only if root is asked for by name.
 * @throws {UsageError} on an unknown user or group, or on one other than the master's
 * if the master is not root
 */
export function resolveAccount(
  requested: { user: string | null; group: string | null },
  self: { uid: number; gid: number },
  find: FindAccount,
): Account {
  const { uid, gid: primaryGid } = findUser(requested.user, self, find);
  const gid = requested.group === null ? primaryGid : findGroup(requested.group, find);
  if (gid === null) throw new UsageError(`--user ${uid} has no group here: give --group too.`);
  const [user = String(uid), , , , , home] = find("passwd", String(uid)) ?? [];
  const [group = String(gid)] = find("group", String(gid)) ?? [];
  if (self.uid !== 0 && (uid !== self.uid || gid !== self.gid)) {
    throw new UsageError(
      `--user ${user}, --group ${group}: only root can run children as another user or group.`,
    );
  }
  return { uid, gid, user, group, home: home || null };
}

function findUser(
  requested: string | null,
  self: { uid: number; gid: number },
  find: FindAccount,
): { uid: number; gid: number | null } {
  if (requested === null && self.uid !== 0) return self;
  const entry = find("passwd", requested ?? "nobody");
  if (entry !== null) return { uid: Number(entry[2]), gid: Number(entry[3]) };
  if (requested === null) return NOBODY;
  if (Number(requested) === self.uid) return self;
  if (/^\d+$/.test(requested)) return { uid: Number(requested), gid: null };
  throw new UsageError(`--user ${requested}: no such user on this machine.`);
}

function findGroup(requested: string, find: FindAccount): number {
  const entry = find("group", requested);
  if (entry !== null) return Number(entry[2]);
  if (/^\d+$/.test(requested)) return Number(requested);
  throw new UsageError(`--group ${requested}: no such group on this machine.`);
}
