/** The commands that ask a running server. Each is loaded when it is called. */
import type { Environment } from "./request.ts";
import { UsageError } from "../../options/usage-error.ts";
import { type CommandName, isCommand } from "./commands.ts";
import { commandHelp } from "./help.ts";
import { exitOnClosedPipe } from "./print.ts";

/** Takes what follows the command's name; gives the exit status. */
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

/** @throws {UsageError} on what the command does not know, an Error where the server does not do it. */
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
