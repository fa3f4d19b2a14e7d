/** What each client gets: a service that a child speaks, or a program of its own. */
import { split } from "shlex";
import type { FlagName } from "./flags.ts";
import type { RawOptions } from "./raw-options.ts";
import { badValue, UsageError } from "./usage-error.ts";
import { BUILT_INS, type BuiltIn } from "./built-in-services.ts";

export type Serving =
  /** A service that is part of the child's own program. */
  | { kind: "built-in"; name: BuiltIn }
  /** A service module; `path` is null for the chat, which is brood's own. */
  | { kind: "module"; name: string; path: string | null }
  /** A program that has the client's socket as its stdin and stdout. */
  | { kind: "exec"; command: readonly string[] }
  /** A program in a pseudo-terminal, which a child connects to the client. */
  | { kind: "pty"; command: readonly string[] };

/** Returns its name for the page and the log. */
export function describeServing(serving: Serving): string {
  if (serving.kind === "exec" || serving.kind === "pty") {
    return `${serving.kind} ${serving.command.join(" ")}`;
  }
  return serving.name;
}

/** Returns true if children run code that is not brood's own, and so may start processes. */
export function startsProcesses({ kind }: Serving): boolean {
  return kind !== "built-in";
}

/** The flags that set what a client gets. At most one may be given. */
const SERVING_FLAGS = ["service", "exec", "pty"] as const satisfies FlagName[];

/** @throws {UsageError} on more than one of the flags, or a bad value. */
export function parseServing(raw: RawOptions): Serving {
  const [flag = "service", other] = SERVING_FLAGS.filter((name) => raw[name] !== undefined);
  if (other !== undefined) {
    throw new UsageError(
      `--${flag} and --${other} cannot be combined: a client gets only one of them.`,
    );
  }
  const text = raw[flag] ?? "time";
  return flag === "service"
    ? parseService(text)
    : { kind: flag, command: parseCommand(flag, text) };
}

/**
 * Bun has threads: 4 to 6 were enough on two processors, and it aborts if one cannot be started.
 */
const MIN_BUN_PROCESSES = 16;

/** The options that not every kind of serving can have. Times in ms; 0: none. */
interface ServingOptions {
  serving: Serving;
  confine: { maxProcesses: number | null };
  spares: number;
  orphans: "finish" | "leave";
  firstByteTimeoutMs: number;
  idleTimeoutMs: number;
}

/**
 * A program knows nothing of the master, and the master sees none of its client's bytes.
 * @throws {UsageError} if the options ask a program for what only a service can do.
 */
export function checkServing({ serving, ...options }: ServingOptions): void {
  const { kind } = serving;
  const { maxProcesses } = options.confine;
  if (kind !== "exec" && maxProcesses !== null && maxProcesses < MIN_BUN_PROCESSES) {
    const wanted = `a number from ${MIN_BUN_PROCESSES}, for Bun's own threads; fewer only with --exec`;
    throw badValue("child-processes", String(maxProcesses), wanted);
  }
  if (kind !== "exec" && kind !== "pty") return;
  if (options.spares > 0) {
    throw new UsageError(
      `--spares cannot be combined with --${kind}: a program starts only when its client is there.`,
    );
  }
  if (kind !== "exec") return;
  if (options.orphans === "leave") {
    throw new UsageError(
      "--orphans leave cannot be combined with --exec: a program does not notice that the master is gone.",
    );
  }
  for (const [flag, ms] of [
    ["first-byte-timeout", options.firstByteTimeoutMs],
    ["idle-timeout", options.idleTimeoutMs],
  ] as const) {
    if (ms === 0) continue;
    throw new UsageError(
      `--${flag} cannot be combined with --exec: only the program sees the client's bytes. Use --max-session.`,
    );
  }
}

function parseService(text: string): Serving {
  const name = BUILT_INS.find((candidate) => candidate === text);
  if (name !== undefined) return { kind: "built-in", name };
  if (text === "chat") return { kind: "module", name: text, path: null };
  if (/\/|\.[cm]?[jt]sx?$/.test(text)) return { kind: "module", name: text, path: text };
  throw badValue("service", text, `${BUILT_INS.join(", ")}, chat or a module such as ./my.ts`);
}

/** Quoted text, and a character after a backslash: a shell would not interpret these. */
const QUOTED = /\\.|'[^']*'|"(?:\\.|[^"\\])*"/gs;

/**
 * Splits a command into words as a shell does, with quotes and backslashes. There is no shell: its
 * operators are an error, and `$`, `*` and `~` are ordinary characters.
 */
function parseCommand(flag: string, text: string): string[] {
  const command = splitWords(flag, text);
  if (/[|&;<>()`]/.test(text.replace(QUOTED, ""))) {
    throw badValue(flag, text, "a program with arguments; for shell syntax, use sh -c '…'");
  }
  if (command[0] === undefined || command[0] === "") throw badValue(flag, text, "a command");
  return command;
}

function splitWords(flag: string, text: string): string[] {
  try {
    return split(text);
  } catch {
    throw badValue(flag, text, "a command: a quote is not closed");
  }
}
