/** Reads the options of `serve`, including those of a file, at startup and again on SIGHUP. */
import { readFileSync } from "node:fs";
import { errorCode } from "../../shared/error-code.ts";
import {
  type RawOptions,
  parseEnvironment,
  parseConfigFile,
  parseArguments,
} from "./raw-options.ts";
import { type Options, parseOptions } from "./options.ts";
import { UsageError } from "./usage-error.ts";

/** Options from the arguments, the environment, and the file that either of them names. */
export interface Config {
  options: Options;
  /** The path of the file; null if there is none. */
  path: string | null;
}

/** Reads all options. @throws {UsageError} on a bad value, or a file that cannot be read. */
export function readConfig(
  args: readonly string[],
  environment: Record<string, string | undefined>,
): Config {
  const { config } = { ...parseEnvironment(environment), ...parseArguments(args) };
  const path = config || null;
  return { options: parseOptions(args, environment, path === null ? {} : readFile(path)), path };
}

function readFile(path: string): RawOptions {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    const isMissing = errorCode(cause) === "ENOENT";
    throw new UsageError(`--config ${path}: ${isMissing ? "no such file." : String(cause)}`, {
      cause,
    });
  }
  return parseConfigFile(path, text);
}
