/** Whom children run as: what the flags say, looked up in /etc/passwd and /etc/group. */
import { readFileSync } from "node:fs";
import { errorCode } from "../../shared/error-code.ts";
import { UsageError } from "../options/usage-error.ts";

export interface Account {
  uid: number;
  gid: number;
  /** Their names, or the numbers where they have none. */
  user: string;
  group: string;
  /** Its directory; null where it has none. */
  home: string | null;
}

/** The texts of /etc/passwd and /etc/group, see passwd(5) and group(5). */
export interface Accounts {
  passwd: string;
  group: string;
}

/** Overflow ids: whom the kernel takes for nobody, where /etc/passwd knows no such user. */
const NOBODY = { uid: 65_534, gid: 65_534 };

/**
 * Children of root run as nobody unless root is asked for by name.
 *
 * @throws {UsageError} on who is not known, or who is not us where we are not root.
 */
export function findAccount(
  wanted: { user: string | null; group: string | null },
  self: { uid: number; gid: number },
  accounts: Accounts,
): Account {
  const { uid, gid: own } = findUser(wanted.user, self, accounts);
  const gid = wanted.group === null ? own : findGroup(wanted.group, accounts);
  if (gid === null) throw new UsageError(`--user ${uid} has no group here: give --group too.`);
  const user = nameOf(uid, accounts.passwd);
  const group = nameOf(gid, accounts.group);
  if (self.uid !== 0 && (uid !== self.uid || gid !== self.gid)) {
    throw new UsageError(`--user ${user}, --group ${group}: only root may run children as others.`);
  }
  return { uid, gid, user, group, home: entryOf(uid, accounts.passwd)?.[5] || null };
}

function findUser(
  wanted: string | null,
  self: { uid: number; gid: number },
  { passwd }: Accounts,
): { uid: number; gid: number | null } {
  if (wanted === null && self.uid !== 0) return self;
  const entry = find(wanted ?? "nobody", passwd);
  if (entry !== undefined) return { uid: Number(entry[2]), gid: Number(entry[3]) };
  if (wanted === null) return NOBODY;
  if (Number(wanted) === self.uid) return self;
  if (/^\d+$/.test(wanted)) return { uid: Number(wanted), gid: null };
  throw new UsageError(`--user ${wanted}: no such user in /etc/passwd.`);
}

function findGroup(wanted: string, { group }: Accounts): number {
  const entry = find(wanted, group);
  if (entry !== undefined) return Number(entry[2]);
  if (/^\d+$/.test(wanted)) return Number(wanted);
  throw new UsageError(`--group ${wanted}: no such group in /etc/group.`);
}

/** An entry by its name, else by its number: a name may consist of digits. */
function find(wanted: string, file: string): string[] | undefined {
  const entries = entriesOf(file);
  return (
    entries.find(([name]) => name === wanted) ?? entries.find(([, , number]) => number === wanted)
  );
}

function nameOf(id: number, file: string): string {
  return entryOf(id, file)?.[0] ?? String(id);
}

function entryOf(id: number, file: string): string[] | undefined {
  return entriesOf(file).find(([, , number]) => number === String(id));
}

function entriesOf(file: string): string[][] {
  return file.split("\n").map((line) => line.split(":"));
}

/** A machine may have neither file: a container with nothing but a program in it. */
export function readAccounts(): Accounts {
  return { passwd: readIfThere("/etc/passwd"), group: readIfThere("/etc/group") };
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return "";
    throw error;
  }
}
