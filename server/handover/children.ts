/** Prepares what children are started with, once, before the first client comes. */
import type { Confinement } from "../confine/confine.ts";
import type { ProtectedFiles } from "../confine/sandbox-files.ts";
import { isBuiltIn, type SandboxContext, type SandboxOutcome } from "../confine/sandbox.ts";
import type { Serving } from "../options/serving.ts";
import { rememberModes, restoreModes } from "../os/file-modes.ts";
import { findProgram, namedFiles, programSpawner } from "./exec.ts";
import { probe } from "./probe.ts";
import type { Processes, StartProcess } from "./processes.ts";
import { prepareProgram, type Program } from "./program.ts";
import { childSpawner, type Spawner, type TaskLimits } from "./spawn.ts";

export type MasterFiles = Pick<ProtectedFiles, "secret" | "code">;

export interface Children {
  /** `limits` returns those in force now, for a client that is accepted now. */
  spawner(limits: () => TaskLimits): Spawner;
  /**
   * Puts the children in their sandbox. `secret`: files that they may not read. `code`: files of
   * the server's own program. Returns what this machine cannot keep them from.
   */
  confine(ports: SandboxContext["ports"], files: MasterFiles): SandboxOutcome;
  /** @throws an error that says why children cannot start */
  probe(): Promise<void>;
  /** Removes their files. */
  close(): void;
}

/** @throws {UsageError} if the program or module does not exist, or cannot be used */
export async function prepareChildren(
  processes: Processes,
  requested: Serving,
  confinement: Confinement,
): Promise<Children> {
  const serving = withFoundProgram(requested, confinement);
  const named = namedFiles(serving, confinement.cwd);
  // Children of the master's user can close to it what the next child needs.
  const modes = rememberModes([...named, confinement.cwd]);
  const start: StartProcess = (...options) => {
    restoreModes(modes);
    return processes.start(...options);
  };
  const { temporary } = confinement;
  /** The sandbox holds for certain directories, so it is made again when one of them had to be. */
  const confineWith =
    (program: Program | null): Children["confine"] =>
    (ports, { secret, code }) => {
      const confine = () => {
        const files: ProtectedFiles = {
          secret,
          code: [...code, ...named, ...(program?.sources ?? [])],
          program: program?.directory() ?? null,
          temporary: temporary?.parent() ?? null,
        };
        const gaps = processes.confine(confinement.planSandbox({ ports, files }));
        const reason = program?.exposure() ?? null;
        // Otherwise a built-in service cannot read what others have left there.
        const isReadable = !isBuiltIn(serving) || gaps.some(({ what }) => what === "files");
        return reason !== null && isReadable
          ? [...gaps, { what: "program" as const, reason }]
          : gaps;
      };
      const confineAgain = () => void confine();
      program?.onMoved(confineAgain);
      temporary?.onMoved(confineAgain);
      return confine();
    };
  if (serving.kind === "exec") {
    return {
      spawner: () => programSpawner(start, serving.command, confinement),
      confine: confineWith(null),
      probe: async () => {},
      close() {},
    };
  }
  const program = await prepareProgram(confinement.executable, serving);
  return {
    spawner: (limits) => childSpawner(start, program, serving, limits, confinement),
    confine: confineWith(program),
    probe: () => probe(start, program, serving, confinement),
    close: program.close,
  };
}

function withFoundProgram(serving: Serving, confinement: Confinement): Serving {
  const { kind } = serving;
  if (kind !== "exec" && kind !== "pty") return serving;
  return { kind, command: findProgram(kind, serving.command, confinement) };
}
