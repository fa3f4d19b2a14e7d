/** `brood completion`: the scripts that let shells complete brood's commands. */
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

/** Someone has pressed the tab key and waits. */
const LIST_TIMEOUT_MS = 1000;

/** Prints the script for a shell or, for such a script, the IDs of the live children. */
export async function completion(
  args: readonly string[],
  environment: Environment,
): Promise<number> {
  const { values, operands } = parseCommand("completion", args);
  const [operand = "", ...extra] = operands;
  if (operand === "children" && extra.length === 0) {
    const children = await listChildren(
      openRemote(values, environment, { timeoutMs: LIST_TIMEOUT_MS }),
    );
    const lines = children.map((child) => {
      const client = formatAddress(child.remoteAddress, child.remotePort);
      return `${escapeAgain(child.id)}\t${escapeAgain(`PID ${child.pid}, ${client}`)}\n`;
    });
    process.stdout.write(lines.join(""));
    return 0;
  }
  const shell = SHELLS.find((name) => name === operand);
  if (shell === undefined || extra.length > 0) {
    throw new UsageError(`completion: which shell? One of ${SHELLS.join(", ")}.`);
  }
  process.stdout.write(SCRIPTS[shell](completionCandidates()));
  return 0;
}
