/** Where the values of flags come from: the command line, the environment or a file. */
import { parseArgs } from "node:util";
import type { Flag } from "./flag.ts";
import { environmentName, FLAG_NAMES, type FlagName, FLAGS } from "./flags.ts";
import { UsageError } from "./usage-error.ts";

/** The flags that were given, as text. */
export type RawOptions = Partial<Record<FlagName, string>>;

/**
 * Parses the arguments after `serve`. @throws {UsageError} on an unknown flag,
 * or one without its value.
 */
export function parseArguments(args: readonly string[]): RawOptions {
  const options = Object.fromEntries(
    FLAG_NAMES.map((name) => {
      const type = isSwitch(name) ? ("boolean" as const) : ("string" as const);
      return [name, { type, multiple: true }];
    }),
  );
  try {
    const { values } = parseArgs({
      args: [...args],
      options,
      strict: true,
      allowPositionals: false,
    });
    return Object.fromEntries(
      Object.entries(values).map(([name, texts]) => {
        return [name, joinTexts(name as FlagName, (texts as (string | boolean)[]).map(String))];
      }),
    );
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    const [first = ""] = cause.message.split(/\.?(?:\n|$)|\. /);
    throw new UsageError(`${first}. Try --help.`, { cause });
  }
}

/** Returns the flags that the environment sets. */
export function parseEnvironment(environment: Record<string, string | undefined>): RawOptions {
  return Object.fromEntries(
    FLAG_NAMES.flatMap((name) => {
      const text = environment[environmentName(name)];
      return text === undefined ? [] : [[name, text]];
    }),
  );
}

/**
 * Parses the text of a file of options: TOML, with the names of flags as its keys.
 * @throws {UsageError} if it is not valid TOML, or a key is not a flag.
 */
export function parseConfigFile(path: string, toml: string): RawOptions {
  let table: Record<string, unknown>;
  try {
    table = Bun.TOML.parse(toml) as Record<string, unknown>;
  } catch (cause) {
    throw new UsageError(`--config ${path}: not valid TOML: ${String(cause)}`, { cause });
  }
  const raw: RawOptions = {};
  for (const [key, value] of Object.entries(table)) {
    const name = FLAG_NAMES.find((candidate) => candidate === key);
    if (name === undefined || name === "config") {
      throw new UsageError(
        `--config ${path}: ${JSON.stringify(key)} is not an option. Try --help.`,
      );
    }
    const texts = (Array.isArray(value) ? value : [value]) as unknown[];
    const types = isSwitch(name) ? ["boolean"] : ["string", "number"];
    if (!texts.every((text) => types.includes(typeof text))) {
      const expected = isSwitch(name) ? "true or false" : "a string, a number or a list of these";
      throw new UsageError(`--config ${path}: ${key} must be ${expected}.`);
    }
    raw[name] = joinTexts(name, texts.map(String));
  }
  return raw;
}

function isSwitch(name: FlagName): boolean {
  const flag: Flag = FLAGS[name];
  return flag.switch === true;
}

/** Joins a list with commas. Of any other flag that is given twice, the last one wins. */
function joinTexts(name: FlagName, texts: readonly string[]): string {
  const flag: Flag = FLAGS[name];
  return flag.list ? texts.join(",") : (texts.at(-1) ?? "");
}
