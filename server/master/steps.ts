/**
 * The steps that take clients through the master, put together: each is created
 * after those that it needs.
 */
import type { LogEvent } from "../../shared/log.ts";
import { type Admission, createAdmission } from "../admit/admission.ts";
import { createRefuser, type Refuser } from "../admit/refuse.ts";
import { createHandOver } from "../handover/hand-over.ts";
import { createSparePool, type SparePool } from "../handover/spare-pool.ts";
import type { Spawner, TaskLimits } from "../handover/spawn.ts";
import type { Limits, Options } from "../options/options.ts";
import type { DescriptorPassing } from "../os/descriptor-passing.ts";
import { createSessions, type Sessions } from "../session/sessions.ts";
import { type Lifecycle, stageOf } from "./state.ts";

export interface Steps {
  admission: Admission;
  refuser: Refuser;
  sessions: Sessions;
  /** Null if there are no spares. */
  sparePool: SparePool | null;
}

export interface StepsContext {
  options: Options;
  /** Takes a function that returns the limits in force now; returns what starts the children. */
  spawner(limits: () => TaskLimits): Spawner;
  /** Null where a descriptor cannot be passed to another process: then there are no spares. */
  descriptors: DescriptorPassing | null;
  /** Begins the ID of each session. */
  instance: string;
  /** Returns the limits in force now. */
  limits(): Limits;
  lifecycle: Lifecycle;
  write(event: LogEvent): void;
  /** Called when something has changed that is not logged. */
  changed(): void;
}

export function createSteps(context: StepsContext): Steps {
  const { options, descriptors, instance, limits, lifecycle, write, changed } = context;
  const spawner = context.spawner(() => {
    const { firstByteTimeoutMs, idleTimeoutMs, maxSessionMs } = limits();
    return { orphans: options.orphans, firstByteTimeoutMs, idleTimeoutMs, maxSessionMs };
  });
  const spares =
    descriptors === null || options.spares === 0
      ? null
      : { pool: createSparePool(options.spares, spawner, write), descriptors };
  const refuser = createRefuser(limits, write);
  const admission = createAdmission(limits, refuser);
  const sessions = createSessions({
    instance,
    serving: options.serving,
    limits,
    handOver: createHandOver(spawner, spares),
    write,
    changed,
    stage: () => stageOf(lifecycle.state()),
    onEnded: admission.onEnded,
    turnAway: refuser.turnAway,
  });
  return { admission, refuser, sessions, sparePool: spares?.pool ?? null };
}
