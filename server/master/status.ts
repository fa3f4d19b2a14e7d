/** The master's status and snapshot, as the page and the API show them. */
import type { ConfinementSummary } from "../../shared/log.ts";
import type { MasterStatus, Snapshot } from "../../shared/master.ts";
import { listLimits } from "../options/limits.ts";
import type { Limits, Settings } from "../options/options.ts";
import { describeServing } from "../options/serving.ts";
import { childOf } from "../session/session.ts";
import { type MasterState, stateStatus } from "./state.ts";
import type { Steps } from "./steps.ts";

/** What the status is made of, apart from the counts that the steps have. */
export interface StatusSources {
  settings: Settings;
  limits: Limits;
  confined: ConfinementSummary;
  /** In ms since the epoch. */
  startedAt: number;
  /** Where it listens; not the port of the settings if that is 0. */
  port: number;
  state: MasterState;
}

export function masterStatus(sources: StatusSources, steps: Steps): MasterStatus {
  const { settings, limits, state, confined, startedAt, port } = sources;
  const { admission, refuser, sessions, sparePool } = steps;
  return {
    pid: process.pid,
    startedAt,
    host: settings.host,
    port,
    service: describeServing(settings.serving),
    serves: settings.serving.kind,
    ...stateStatus(state),
    maxClients: limits.maxClients,
    live: sessions.table.live.size,
    ...sessions.counts(),
    ...admission.counts(),
    ...refuser.counts(),
    limits: listLimits(limits),
    confinement: confined,
    spares: sparePool === null ? 0 : settings.spares,
    sparesByState: sparePool?.count() ?? { starting: 0, ready: 0 },
  };
}

/** Costs one small object per live child. */
export function masterSnapshot(status: MasterStatus, { sessions, sparePool }: Steps): Snapshot {
  return {
    master: status,
    spares: sparePool?.list() ?? [],
    rooms: sessions.rooms(),
    children: Array.from(sessions.table.live.values(), childOf),
  };
}
