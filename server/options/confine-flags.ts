/** The flags that confine each child, and how their values are parsed. */
import { resolve } from "node:path";
import type { Flag } from "./flag.ts";
import { oneOf, parseCount, parseDuration, parseSwitch } from "./parse.ts";
import { badValue, UsageError } from "./usage-error.ts";

export interface ConfineOptions {
  /** A name or a number; null: nobody if the master is root, otherwise the master's own. */
  user: string | null;
  /** A name or a number; null: the user's own. */
  group: string | null;
  /**
   * Every child gets its own ID from this range; null: from the default one,
   * if root starts the server.
   */
  uids: { first: number; last: number } | null;
  directory: string;
  umask: number;
  /** Open descriptors per child; null: the master's limit. */
  maxFiles: number | null;
  /** Processor time per child, in total; null: no limit. */
  cpuSeconds: number | null;
  /** Processes and threads per child; null: no limit. */
  maxProcesses: number | null;
  /** Size of a file that a child writes; null: no limit. */
  maxFileBytes: number | null;
  /** Memory per child; null: no limit. */
  memoryBytes: number | null;
  /** Variables that a child gets from the master's environment besides the usual ones. */
  environment: string[];
  sandbox: SandboxOptions;
}

/**
 * What holds for modules, `--exec` and `--pty`. The built-in services need
 * nothing, and get nothing.
 */
export interface SandboxOptions {
  network: "host" | "none";
  /** Absolute paths of directories in which children may write; null: wherever their user may. */
  writable: string[] | null;
  /** Children may gain privileges by executing a file. */
  allowPrivileges: boolean;
  /**
   * The server does not start unless this machine can confine its children as
   * asked, and as by default.
   */
  strict: boolean;
}

export const CONFINE_FLAGS = {
  user: {
    value: "NAME|UID",
    fallback: "",
    help: "one user that all children run as, in place of --uids",
  },
  group: {
    value: "NAME|GID",
    fallback: "",
    help: "group that all children run as; the user's own unless given",
  },
  uids: {
    value: "FIRST-LAST",
    fallback: "",
    help: "if root starts the server, each child gets its own user and group ID from this range; 1879048192-2147483647 unless given",
  },
  directory: { value: "DIR", fallback: "/", help: "working directory of children" },
  umask: {
    value: "MODE",
    fallback: "077",
    help: "permissions that new files of children do not get",
  },
  "child-files": {
    value: "N",
    fallback: "0",
    help: "open descriptors of each process of a child; 0: no limit",
  },
  "child-cpu": {
    value: "TIME",
    fallback: "0",
    help: "processor time of each process of a child (10s, 2m); 0: no limit",
  },
  "child-processes": {
    value: "N",
    fallback: "256",
    help: "processes and threads per child, if each has its own user; 0: no limit",
  },
  "child-file-size": {
    value: "SIZE",
    fallback: "0",
    help: "size of a file that a child writes (10M); 0: no limit",
  },
  "child-memory": {
    value: "SIZE",
    fallback: "0",
    help: "memory per child (64M, 1G); 0: no limit",
  },
  "child-env": {
    value: "NAME,NAME",
    fallback: "",
    help: "environment variables that children get besides PATH, LANG and the like",
  },
  network: {
    value: "host|none",
    fallback: "host",
    choices: ["host", "none"],
    help: "network of a module or program: the machine's, or nothing but its client's socket",
  },
  writable: {
    value: "DIR,DIR|none",
    fallback: "",
    choices: ["none"],
    help: "the only directories in which a module or program may write, besides a temporary one of its own; what its user may write unless given",
  },
  "allow-privileges": {
    value: "",
    fallback: "",
    switch: true,
    help: "a program may gain privileges, as sudo and su do, and enter user namespaces",
  },
  confine: {
    value: "strict",
    fallback: "",
    choices: ["strict"],
    help: "do not start if this machine cannot confine children as asked, and as by default",
  },
} satisfies Record<string, Flag>;

/**
 * A child needs 9 to serve its client, a spare 12 during its rehearsal; the rest
 * is in case Bun opens more.
 */
const MIN_FILES = 16;

/** @throws {UsageError} on a bad value. Does not check what exists on this machine. */
export function parseConfine(text: (flag: keyof typeof CONFINE_FLAGS) => string): ConfineOptions {
  return {
    ...parseUsers(text),
    directory: text("directory"),
    umask: parseUmask(text("umask")),
    maxFiles: parseFiles(text("child-files")),
    cpuSeconds: parseSeconds("child-cpu", text("child-cpu")),
    maxProcesses: parseProcesses(text("child-processes")),
    maxFileBytes: parseSize("child-file-size", text("child-file-size")),
    memoryBytes: parseSize("child-memory", text("child-memory")),
    environment: parseNames("child-env", text("child-env")),
    sandbox: {
      network: oneOf("network", text("network"), ["host", "none"]),
      writable: parseWritable(text("writable")),
      allowPrivileges: parseSwitch("allow-privileges", text("allow-privileges")),
      strict: text("confine") !== "" && oneOf("confine", text("confine"), ["strict"]) === "strict",
    },
  };
}

function parseUsers(
  text: (flag: "user" | "group" | "uids") => string,
): Pick<ConfineOptions, "user" | "group" | "uids"> {
  const user = parseAccount("user", text("user"));
  const group = parseAccount("group", text("group"));
  const uids = parseUids(text("uids"));
  if (uids !== null && (user !== null || group !== null)) {
    const flag = user === null ? "group" : "user";
    throw new UsageError(
      `--uids and --${flag} cannot be combined: each child has its own user, or all have the same.`,
    );
  }
  return { user, group, uids };
}

/** The number above it means "unchanged": see setresuid(2). */
const MAX_ID = 2 ** 32 - 2;

function parseAccount(flag: string, text: string): string | null {
  if (text === "") return null;
  if (/^\d+$/.test(text) && Number(text) <= MAX_ID) return String(Number(text));
  if (/^[a-z_][\w.-]*\$?$/i.test(text)) return text;
  throw badValue(flag, text, "a name or a number");
}

function parseUids(text: string): ConfineOptions["uids"] {
  if (text === "") return null;
  const [, first, last] = /^(\d+)-(\d+)$/.exec(text)?.map(Number) ?? [];
  if (first !== undefined && last !== undefined && first > 0 && first < last && last <= MAX_ID) {
    return { first, last };
  }
  throw badValue("uids", text, "a range of at least two user IDs such as 200000-265535, without 0");
}

function parseProcesses(text: string): number | null {
  const flag = "child-processes";
  return Number(text) === 0 ? null : parseCount(flag, text);
}

function parseWritable(text: string): string[] | null {
  if (text === "") return null;
  if (text === "none") return [];
  const paths = text.split(",");
  if (paths.includes("")) throw badValue("writable", text, "a list of directories, or none");
  return paths.map((path) => resolve(path));
}

function parseUmask(text: string): number {
  if (/^0?[0-7]{1,3}$/.test(text)) return Number.parseInt(text, 8);
  throw badValue("umask", text, "an octal mode such as 077");
}

function parseFiles(text: string): number | null {
  const flag = "child-files";
  return Number(text) === 0 ? null : parseCount(flag, text, { min: MIN_FILES });
}

function parseSeconds(flag: string, text: string): number | null {
  const ms = parseDuration(flag, text);
  if (ms % 1000 !== 0) throw badValue(flag, text, "a time in whole seconds"); // the kernel's limit is in seconds
  return ms === 0 ? null : ms / 1000;
}

/** Powers of ten, as in everything that brood shows. */
const UNIT_BYTES: Record<string, number> = { "": 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** Any program has more: with less, a child would be killed as it starts. */
const MIN_SIZE_BYTES = 1e6;

function parseSize(flag: string, text: string): number | null {
  const [, digits, unit = ""] = /^(\d+)([kmgt]?)b?$/i.exec(text) ?? [];
  const bytes = Number(digits) * (UNIT_BYTES[unit.toLowerCase()] as number);
  if (bytes === 0) return null;
  if (bytes >= MIN_SIZE_BYTES && Number.isSafeInteger(bytes)) return bytes;
  throw badValue(flag, text, "a size such as 64M or 1G (at least 1M), or 0");
}

function parseNames(flag: string, text: string): string[] {
  if (text === "") return [];
  const names = text.split(",");
  if (names.every((name) => /^[a-z_]\w*$/i.test(name))) return names;
  throw badValue(flag, text, "a list of names such as HOME,DATABASE_URL");
}
