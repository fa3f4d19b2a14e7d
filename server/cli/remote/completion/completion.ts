/** `brood completion`: what shells complete. */
import { formatAddress } from "../../../../shared/address.ts";
import { escapeAgain } from "../../../../shared/escape.ts";
import { UsageError } from "../../../options/usage-error.ts";
import { type Environment, openRemote } from "../request.ts";
import { listChildren } from "../children.ts";
import { parseCommand } from "../commands.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { type CommandCandidate, completionCandidates, type Shell, SHELLS } from "./candidates.ts";
import { zshScript } from "./zsh.ts";

const SCRIPTS: Record<Shell, (commands: readonly CommandCandidate[]) => string> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** Whoever has pressed the tab key waits no longer (ms) for a server. */
const PATIENCE = 1000;

/** Prints the script of a shell, or the ids of the live children for such a script. */
export async function completion(
  args: readonly string[],
  environment: Environment,
): Promise<number> {
  const { values, operands } = parseCommand("completion", args);
  const [what = "", ...more] = operands;
  if (what === "children" && more.length === 0) {
    const children = await listChildren(openRemote(values, environment, { patience: PATIENCE }));
    const lines = children.map((child) => {
      const client = formatAddress(child.remoteAddress, child.remotePort);
      return `${escapeAgain(child.id)}\t${escapeAgain(`pid ${child.pid}, ${client}`)}\n`;
    });
    process.stdout.write(lines.join(""));
    return 0;
  }
  const shell = SHELLS.find((name) => name === what);
  if (shell === undefined || more.length > 0) {
    throw new UsageError(`completion: for which shell? ${SHELLS.join(", ")}.`);
  }
  process.stdout.write(SCRIPTS[shell](completionCandidates()));
  return 0;
}
