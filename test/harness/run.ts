/** Runs programs and waits for them to exit. */
import { join } from "node:path";
import { builtExecutable } from "./executable.ts";
import { DEADLINE_MS } from "./until.ts";

/** The root of the checkout. */
export const ROOT = join(import.meta.dir, "../..");

export interface Outcome {
  stdout: string;
  stderr: string;
  /** The exit status; 128 + N if signal N ended the program. */
  exitCode: number;
}

export interface Surroundings {
  stdin?: string;
  env?: Record<string, string>;
  cwd?: string;
}

/** The path of the executable that `npm run build` makes: brood, for most tests. */
export const EXECUTABLE = await builtExecutable();

/** brood as `npm start` runs it. */
export const SOURCE: readonly string[] = [process.execPath, join(ROOT, "server/main.ts")];

/** Returns the command that runs brood with `args`. */
export function brood(...args: (string | number)[]): string[] {
  return [EXECUTABLE, ...args.map(String)];
}

/** Runs a program with `stdin` as its entire input. */
export async function run(
  cmd: readonly string[],
  { stdin = "", env = {}, cwd = ROOT }: Surroundings = {},
): Promise<Outcome> {
  await using child = Bun.spawn({
    cmd: [...cmd],
    cwd,
    env: { ...cleanEnvironment(), ...env },
    stdin: Buffer.from(stdin, "latin1"),
    stdout: "pipe",
    stderr: "pipe",
    timeout: DEADLINE_MS,
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, exitCode };
}

/** Returns this process's environment without the variables that affect the programs under test. */
export function cleanEnvironment(): Record<string, string> {
  const clean = Object.entries(process.env).filter(
    ([name]) =>
      !/^(BROOD_|BUN_TEST_|JEST_|XDG_RUNTIME_DIR$|NODE_ENV$|FORCE_COLOR$|NO_COLOR$|LANG$|LC_)/.test(
        name,
      ),
  );
  return { ...Object.fromEntries(clean as [string, string][]), LANG: "C.UTF-8" };
}

/** Passes on what a program prints until it exits: a full pipe would block the program. */
export async function readText(
  stream: ReadableStream<Uint8Array>,
  take: (text: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  for await (const bytes of stream) take(decoder.decode(bytes, { stream: true }));
}
