/**
 * Puts the children in their sandbox when it is known what they must not reach: the
 * page, the history and the log.
 */
import { fstatSync, readlinkSync } from "node:fs";
import { resolve } from "node:path";
import type { ConfinementSummary } from "../../shared/log.ts";
import { stateDirectory } from "../../shared/state-directory.ts";
import type { Children } from "../handover/children.ts";
import { thisProgramFiles } from "../handover/program.ts";
import { historyFiles, resolveHistoryFile } from "../history/file.ts";
import type { Options } from "../options/options.ts";
import { UsageError } from "../options/usage-error.ts";

const DEFAULT_HTTP_PORT = 80;

/**
 * Returns `summary` with what this machine cannot keep the children from. `config`: the path of the
 * file of options, or null. `page`: its address, or null; `server`: the port.
 * @throws {UsageError} if there is anything, and `--confine strict` was given
 */
export function confineChildren(
  children: Children,
  { history, state, confine: { sandbox } }: Options,
  config: string | null,
  { page, server }: { page: string | null; server: number },
  summary: ConfinementSummary,
): ConfinementSummary {
  const ports = {
    page: page === null ? null : Number(new URL(page).port) || DEFAULT_HTTP_PORT,
    server,
  };
  const stateFiles = stateDirectory(state, process.env, process.getuid?.() ?? 0);
  const secret = [stateFiles, ...filesOfHistory(history.file), ...consoleFiles()];
  const code = [...thisProgramFiles(), ...(config === null ? [] : [resolve(config)])];
  const confined = { ...summary, gaps: children.confine(ports, { secret, code }) };
  if (sandbox.strict) throwIfIncomplete(confined);
  return confined;
}

function filesOfHistory(file: string | null): string[] {
  return file === null ? [] : historyFiles(resolveHistoryFile(file));
}

/** The files that stdout and stderr were redirected to. */
function consoleFiles(): string[] {
  if (process.platform !== "linux") return [];
  return [1, 2]
    .filter((fd) => fstatSync(fd).isFile())
    .map((fd) => readlinkSync(`/proc/self/fd/${fd}`));
}

function throwIfIncomplete(confined: ConfinementSummary): void {
  const { noOwnUserReason, noCgroupReason, ownUser, maxProcesses, gaps } = confined;
  const reasons = gaps.map(({ what, reason }) => `${what}: ${reason}`);
  if (noOwnUserReason !== null) reasons.push(`a user for each child: ${noOwnUserReason}`);
  if (noCgroupReason !== null) reasons.push(`--child-memory: ${noCgroupReason}`);
  if (maxProcesses !== null && !ownUser) reasons.push("--child-processes: children share a user");
  if (reasons.length > 0)
    throw new UsageError(`--confine strict: not possible here: ${reasons.join("; ")}.`);
}
