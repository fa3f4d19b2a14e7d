/** Prepares what children are started with, once, before the first client comes. */
import type { Confinement } from "../confine/confine.ts";
import type { Serving } from "../options/serving.ts";
import { findProgram, programSpawner } from "./exec.ts";
import { probe } from "./probe.ts";
import { prepareProgram } from "./program.ts";
import { childSpawner, type Spawner, type TaskLimits } from "./spawn.ts";

export interface Children {
  /** `limits` returns those in force now, for the client that is accepted then. */
  spawner(limits: () => TaskLimits): Spawner;
  /** @throws an error that says why children cannot start */
  probe(): Promise<void>;
  /** Removes their files. */
  close(): void;
}

/** @throws {UsageError} if the program or module does not exist, or cannot be used */
export async function prepareChildren(
  requested: Serving,
  confinement: Confinement,
): Promise<Children> {
  const serving = withFoundProgram(requested, confinement);
  if (serving.kind === "exec") {
    return {
      spawner: () => programSpawner(serving.command, confinement),
      probe: async () => {},
      close() {},
    };
  }
  const program = await prepareProgram(confinement.executable, serving);
  return {
    spawner: (limits) => childSpawner(program, serving, limits, confinement),
    probe: () => probe(program, serving, confinement),
    close: program.close,
  };
}

function withFoundProgram(serving: Serving, confinement: Confinement): Serving {
  const { kind } = serving;
  if (kind !== "exec" && kind !== "pty") return serving;
  return { kind, command: findProgram(kind, serving.command, confinement) };
}
