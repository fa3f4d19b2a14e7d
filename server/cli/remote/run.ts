/** The commands that query a running server. Each one's module is loaded when it is called. */
import { UsageError } from "../../options/usage-error.ts";
import { type CommandName, isCommand } from "./commands.ts";
import { commandHelp } from "./help.ts";
import { exitOnClosedPipe } from "./print.ts";
import type { Environment } from "./request.ts";

/** Takes the arguments after the command's name; returns the exit status. */
type Run = (args: readonly string[], environment: Environment) => Promise<number>;

const LOAD: Record<CommandName, () => Promise<Run>> = {
  ps: async () => (await import("./ps.ts")).ps,
  tree: async () => (await import("./tree.ts")).tree,
  kill: async () => (await import("./kill.ts")).kill,
  top: async () => (await import("./top.ts")).top,
  history: async () => (await import("./history.ts")).history,
  pause: async () => (await import("./control.ts")).pause,
  resume: async () => (await import("./control.ts")).resume,
  completion: async () => (await import("./completion/completion.ts")).completion,
  drain: async () => (await import("./control.ts")).drain,
};

/**
 * Runs a command and returns its exit status.
 * @throws {UsageError} on an unknown command, flag or operand; an Error if the server
 * refuses or does not answer.
 */
export async function runRemote(
  name: string,
  args: readonly string[],
  environment: Environment,
): Promise<number> {
  if (!isCommand(name)) throw new UsageError(`${name}: no such command. Try --help.`);
  exitOnClosedPipe();
  if (args.includes("--help")) {
    process.stdout.write(commandHelp(name));
    return 0;
  }
  const run = await LOAD[name]();
  return run(args, environment);
}
