import { badValue } from "./usage-error.ts";
import { parseCount, parseDuration } from "./parse.ts";
import type { Flag } from "./flag.ts";

export interface ConfineOptions {
  /** A name or a number; null: nobody if the master is root, else whom the master runs as. */
  user: string | null;
  /** A name or a number; null: the user's own. */
  group: string | null;
  directory: string;
  umask: number;
  /** Open descriptors of one child; null: the master's limit. */
  files: number | null;
  /** Seconds of processor time of one child in all; null: as many as it likes. */
  cpu: number | null;
  /** Private bytes of one child; null: as many as it likes. */
  memory: number | null;
  /** What else of the master's environment a child is given. */
  environment: string[];
}

export const CONFINE_FLAGS = {
  user: { value: "NAME|UID", fallback: "", help: "whom children run as; nobody if root starts it" },
  group: { value: "NAME|GID", fallback: "", help: "their group, if not the user's own" },
  directory: { value: "DIR", fallback: "/", help: "where children run" },
  umask: { value: "MODE", fallback: "077", help: "what files of children are not open to" },
  "child-files": { value: "N", fallback: "0", help: "descriptors a child may have; 0: any number" },
  "child-cpu": {
    value: "TIME",
    fallback: "0",
    help: "processor time a child may use in all (10s, 2m); 0: any",
  },
  "child-memory": {
    value: "SIZE",
    fallback: "0",
    help: "private memory a child may have (64M, 1G); 0: any",
  },
  "child-env": {
    value: "NAME,NAME",
    fallback: "",
    help: "variables that children get besides PATH, LANG and their like",
  },
} satisfies Record<string, Flag>;

/** A child needs 9 to serve its client, a spare 12 while it rehearses; a few for what Bun may open some day. */
const LEAST_FILES = 16;

/** @throws {UsageError} on a bad value. Who and what exists on this machine is not looked at here. */
export function parseConfine(text: (flag: keyof typeof CONFINE_FLAGS) => string): ConfineOptions {
  return {
    user: parseAccount("user", text("user")),
    group: parseAccount("group", text("group")),
    directory: text("directory"),
    umask: parseUmask(text("umask")),
    files: parseFiles(text("child-files")),
    cpu: parseSeconds("child-cpu", text("child-cpu")),
    memory: parseSize("child-memory", text("child-memory")),
    environment: parseNames("child-env", text("child-env")),
  };
}

/** The highest number stands for none: see setuid(2). */
const HIGHEST_ID = 2 ** 32 - 2;

function parseAccount(flag: string, text: string): string | null {
  if (text === "") return null;
  if (/^\d+$/.test(text) && Number(text) <= HIGHEST_ID) return String(Number(text));
  if (/^[a-z_][\w.-]*\$?$/i.test(text)) return text;
  throw badValue(flag, text, "a name or a number");
}

function parseUmask(text: string): number {
  if (/^0?[0-7]{1,3}$/.test(text)) return Number.parseInt(text, 8);
  throw badValue("umask", text, "an octal mode such as 077");
}

function parseFiles(text: string): number | null {
  const flag = "child-files";
  return Number(text) === 0 ? null : parseCount(flag, text, { least: LEAST_FILES });
}

function parseSeconds(flag: string, text: string): number | null {
  const ms = parseDuration(flag, text);
  if (ms % 1000 !== 0) throw badValue(flag, text, "a time in whole seconds"); // the kernel counts no less
  return ms === 0 ? null : ms / 1000;
}

/** Powers of ten, as all that brood shows of memory. */
const UNIT_BYTES: Record<string, number> = { "": 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** Less than any program has: it would be told of its own start. */
const LEAST_SIZE = 1e6;

function parseSize(flag: string, text: string): number | null {
  const [, digits, unit = ""] = /^(\d+)([kmgt]?)b?$/i.exec(text) ?? [];
  const bytes = Number(digits) * (UNIT_BYTES[unit.toLowerCase()] as number);
  if (bytes === 0) return null;
  if (bytes >= LEAST_SIZE && Number.isSafeInteger(bytes)) return bytes;
  throw badValue(flag, text, "a size such as 64M or 1G (1M at the least), or 0");
}

function parseNames(flag: string, text: string): string[] {
  if (text === "") return [];
  const names = text.split(",");
  if (names.every((name) => /^[a-z_]\w*$/i.test(name))) return names;
  throw badValue(flag, text, "a list of names such as HOME,DATABASE_URL");
}
