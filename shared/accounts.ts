/**
 * Users and groups as the machine's name service knows them (nsswitch.conf(5)): those of
 * /etc/passwd and /etc/group, and those of LDAP, SSSD and systemd. getent(1) asks it; where there
 * is none, as with musl or on macOS, the files are read instead.
 */
import { readFileSync } from "node:fs";
import { errorCode } from "./error-code.ts";
import { createLruMap } from "./lru-map.ts";

export type AccountDatabase = "passwd" | "group";

/**
 * Returns the fields of an entry of passwd(5) or group(5), or null if there is
 * none. All digits: a number.
 */
export type FindAccount = (database: AccountDatabase, nameOrNumber: string) => string[] | null;

/** A directory server that is down may keep getent waiting for longer than anyone wants to. */
const GETENT_TIMEOUT_MS = 10_000;

/** getent(1): the key was not found. */
const NOT_FOUND_STATUS = 2;

/** Asks the name service and waits for it: for start-up only. @throws if it fails. */
export function findAccount(
  database: AccountDatabase,
  nameOrNumber: string,
  getent = "getent",
): string[] | null {
  let found;
  try {
    found = Bun.spawnSync([getent, database, nameOrNumber], {
      env: process.env, // otherwise Bun passes on the first one, with the passwords
      stdio: ["ignore", "pipe", "pipe"],
      timeout: GETENT_TIMEOUT_MS,
    });
  } catch (error) {
    if (errorCode(error) === "ENOENT") return findAccountInFile(database, nameOrNumber);
    throw error;
  }
  const { exitCode, exitedDueToTimeout, stdout, stderr } = found;
  if (exitCode === 0) return fieldsOf(stdout.toString());
  if (exitCode === NOT_FOUND_STATUS) return null;
  const reason = exitedDueToTimeout
    ? `no answer after ${GETENT_TIMEOUT_MS / 1000} s`
    : stderr.toString().trim() || `exit status ${exitCode}`;
  throw new Error(`getent ${database} ${nameOrNumber}: ${reason}`);
}

function findAccountInFile(database: AccountDatabase, nameOrNumber: string): string[] | null {
  let text: string;
  try {
    text = readFileSync(`/etc/${database}`, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null; // a container with nothing but a program in it
    throw error;
  }
  return findAccountIn(text, nameOrNumber);
}

/** Finds an entry in the text of /etc/passwd or /etc/group. */
export function findAccountIn(text: string, nameOrNumber: string): string[] | null {
  const column = /^\d+$/.test(nameOrNumber) ? 2 : 0;
  return (
    text
      .split("\n")
      .map(fieldsOf)
      .find((fields) => fields[column] === nameOrNumber) ?? null
  );
}

function fieldsOf(line: string): string[] {
  return line.trimEnd().split(":");
}

/** Names of numbers that are not in the files, by database and number. */
const MAX_CACHED_NAMES = 1000;

/** After this a name is looked up again: systemd reuses the user IDs of its dynamic users. */
const NAME_TTL_MS = 60_000;

interface CachedName {
  name: string | null;
  /** On the clock of `performance.now`. */
  askedAt: number;
}

const cachedNames = createLruMap<string, CachedName>(MAX_CACHED_NAMES);

/**
 * Returns the name of a user or group, or null if it has none. Never waits for a name service: a
 * name that is not in the files is null until the service has answered.
 */
export function accountName(
  database: AccountDatabase,
  id: number,
  getent = "getent",
): string | null {
  const [name] = findAccountInFile(database, String(id)) ?? [];
  if (name !== undefined) return name;
  const key = `${database} ${id}`;
  const cached = cachedNames.get(key);
  const now = performance.now();
  if (cached !== undefined && now - cached.askedAt < NAME_TTL_MS) return cached.name;
  const asked: CachedName = { name: cached?.name ?? null, askedAt: now };
  cachedNames.set(key, asked);
  void askForName(database, id, getent).then((name) => (asked.name = name));
  return asked.name;
}

/** Resolves to null where the name service has no answer either. */
async function askForName(
  database: AccountDatabase,
  id: number,
  getent: string,
): Promise<string | null> {
  try {
    await using lookup = Bun.spawn([getent, database, String(id)], {
      env: process.env,
      stdio: ["ignore", "pipe", "ignore"],
      timeout: GETENT_TIMEOUT_MS,
    });
    const text = await new Response(lookup.stdout).text();
    return (await lookup.exited) === 0 ? (fieldsOf(text)[0] ?? null) : null;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return null;
  }
}
