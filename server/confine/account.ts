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
 * Returns the account that children run as. By default it is the master's own, or `nobody` if the master is root:
 * children stay root only if root is asked for by name.
 * @throws {UsageError} on an unknown user or group, or on another one than the master's if the master is not root
 */
export function resolveAccount(
  wanted: { user: string | null; group: string | null },
  self: { uid: number; gid: number },
  find: FindAccount,
): Account {
  const { uid, gid: primaryGid } = findUser(wanted.user, self, find);
  const gid = wanted.group === null ? primaryGid : findGroup(wanted.group, find);
  if (gid === null) throw new UsageError(`--user ${uid} has no group here: give --group too.`);
  const [user = String(uid), , , , , home] = find("passwd", String(uid)) ?? [];
  const [group = String(gid)] = find("group", String(gid)) ?? [];
  if (self.uid !== 0 && (uid !== self.uid || gid !== self.gid)) {
    throw new UsageError(`--user ${user}, --group ${group}: only root may run children as others.`);
  }
  return { uid, gid, user, group, home: home || null };
}

function findUser(
  wanted: string | null,
  self: { uid: number; gid: number },
  find: FindAccount,
): { uid: number; gid: number | null } {
  if (wanted === null && self.uid !== 0) return self;
  const entry = find("passwd", wanted ?? "nobody");
  if (entry !== null) return { uid: Number(entry[2]), gid: Number(entry[3]) };
  if (wanted === null) return NOBODY;
  if (Number(wanted) === self.uid) return self;
  if (/^\d+$/.test(wanted)) return { uid: Number(wanted), gid: null };
  throw new UsageError(`--user ${wanted}: no such user on this machine.`);
}

function findGroup(wanted: string, find: FindAccount): number {
  const entry = find("group", wanted);
  if (entry !== null) return Number(entry[2]);
  if (/^\d+$/.test(wanted)) return Number(wanted);
  throw new UsageError(`--group ${wanted}: no such group on this machine.`);
}
