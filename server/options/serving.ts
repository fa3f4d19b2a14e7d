/** What each client gets: a service that a child speaks, or a program of its own. */
import { split } from "shlex";
import type { FlagName, RawOptions } from "./flags.ts";
import { badValue, UsageError } from "./usage-error.ts";
import { BUILT_INS, type BuiltIn } from "./built-in-services.ts";

export type Serving =
  /** A service without a module: all that a child runs is in its own bundle. */
  | { kind: "built-in"; name: BuiltIn }
  /** A service module; `path` is null for brood's own, the chat. */
  | { kind: "module"; name: string; path: string | null }
  /** A program that has the client's socket as its stdin and stdout. */
  | { kind: "exec"; command: readonly string[] }
  /** A program in a pseudo-terminal that a child keeps for its client. */
  | { kind: "pty"; command: readonly string[] };

/** As the page and the log name it. */
export function describeServing(serving: Serving): string {
  if (serving.kind === "exec" || serving.kind === "pty") {
    return `${serving.kind} ${serving.command.join(" ")}`;
  }
  return serving.name;
}

/** True where what a child runs is not brood's own: there may be processes below it. */
export function startsProcesses({ kind }: Serving): boolean {
  return kind !== "built-in";
}

/** The flags that each say what a client gets: one of them at the most. */
const FLAGS = ["service", "exec", "pty"] as const satisfies FlagName[];

/** @throws {UsageError} on more than one of them, or on a bad value. */
export function parseServing(given: RawOptions): Serving {
  const [flag = "service", other] = FLAGS.filter((name) => given[name] !== undefined);
  if (other !== undefined) {
    throw new UsageError(`--${flag} and --${other}: a client gets one of them.`);
  }
  const text = given[flag] ?? "time";
  return flag === "service"
    ? parseService(text)
    : { kind: flag, command: parseCommand(flag, text) };
}

/** The options that not every kind of serving can have. Times in ms; 0: none. */
interface ServingOptions {
  serving: Serving;
  spares: number;
  orphans: "finish" | "leave";
  firstByteTimeout: number;
  idleTimeout: number;
}

/**
 * A program knows nothing of the master, and the master sees none of its client's bytes.
 * @throws {UsageError} if the options ask a program for what only a service can do.
 */
export function checkServing({ serving, ...options }: ServingOptions): void {
  const { kind } = serving;
  if (kind !== "exec" && kind !== "pty") return;
  if (options.spares > 0) {
    throw new UsageError(`--spares and --${kind}: a program is started for its client.`);
  }
  if (kind !== "exec") return;
  if (options.orphans === "leave") {
    throw new UsageError(
      "--orphans leave and --exec: a program cannot tell that the master has gone.",
    );
  }
  for (const [flag, ms] of [
    ["first-byte-timeout", options.firstByteTimeout],
    ["idle-timeout", options.idleTimeout],
  ] as const) {
    if (ms === 0) continue;
    throw new UsageError(
      `--${flag} and --exec: a client's bytes are its program's. Use --max-session.`,
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

/** What is in quotes, and a character after a backslash: a shell would leave it alone. */
const QUOTED = /\\.|'[^']*'|"(?:\\.|[^"\\])*"/gs;

/**
 * Words as a shell splits them, with its quotes and backslashes. There is no shell: what only one can do is an
 * error, and `$`, `*` and `~` are characters.
 */
function parseCommand(flag: string, text: string): string[] {
  const command = splitWords(flag, text);
  if (/[|&;<>()`]/.test(text.replace(QUOTED, ""))) {
    throw badValue(flag, text, "a program and its arguments; for more, use sh -c '…'");
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
