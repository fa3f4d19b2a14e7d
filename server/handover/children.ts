/** What each client gets, made ready once, before the first one comes. */
import type { Confinement } from "../confine/confine.ts";
import { findProgram, programSpawner } from "./exec.ts";
import { probe } from "./probe.ts";
import { prepareProgram } from "./program.ts";
import type { Serving } from "../options/serving.ts";
import { childSpawner, type Spawner, type TaskLimits } from "./spawn.ts";

export interface Children {
  /** `work` gives what a client that comes now is to get. */
  spawner(work: () => TaskLimits): Spawner;
  /** @throws an error that says why none can run. */
  probe(): Promise<void>;
  /** Removes what is on disk for them. */
  close(): void;
}

/** @throws {UsageError} if there is no such program or module, or it is wrong. */
export async function prepareChildren(
  wanted: Serving,
  confinement: Confinement,
): Promise<Children> {
  const serving = found(wanted, confinement);
  if (serving.kind === "exec") {
    return {
      spawner: () => programSpawner(serving.command, confinement),
      probe: async () => {},
      close() {},
    };
  }
  const program = await prepareProgram(confinement.executable, serving);
  return {
    spawner: (work) => childSpawner(program, serving, work, confinement),
    probe: () => probe(program, serving, confinement),
    close: program.close,
  };
}

/** The same with a program's whole path. */
function found(serving: Serving, confinement: Confinement): Serving {
  const { kind } = serving;
  if (kind !== "exec" && kind !== "pty") return serving;
  return { kind, command: findProgram(kind, serving.command, confinement) };
}
