/** The limits as the page, the API and the log show them, and how two sets of them differ. */
import { describeLimit, type Limit, type LimitName, type LimitValue } from "../../shared/limits.ts";
import type { Limits, Settings } from "./options.ts";
import { describeServing } from "./serving.ts";
import { formatNetwork, type Network } from "./source.ts";

const NONE = { kind: "none" } as const;

/** Returns every limit under the name of its flag. */
export function listLimits(limits: Limits): Limit[] {
  const { rate, source, refuse } = limits;
  const values: Record<LimitName, LimitValue> = {
    "max-clients": { kind: "count", count: limits.maxClients },
    "max-per-source": { kind: "count", count: limits.maxPerSource },
    rate: rate === null ? NONE : { kind: "rate", count: rate.count, perMs: rate.periodMs },
    source: { kind: "source", ...source },
    allow: limits.allow.length === 0 ? { kind: "all" } : networks(limits.allow),
    deny: limits.deny.length === 0 ? NONE : networks(limits.deny),
    penalty: time(limits.penaltyMs),
    refuse: refuse.how === "wait" ? { kind: "wait", ms: refuse.waitMs } : { kind: refuse.how },
    "first-byte-timeout": time(limits.firstByteTimeoutMs),
    "idle-timeout": time(limits.idleTimeoutMs),
    "max-session": time(limits.maxSessionMs),
    drain: time(limits.drainMs),
  };
  // TypeScript types the keys of an object as strings.
  return Object.entries(values).map(([name, value]) => ({ name: name as LimitName, value }));
}

/** Returns what has changed, as `max-clients 1,000 → 500`. */
export function changedLimits(before: Limits, after: Limits): string[] {
  const describeAll = (limits: Limits) =>
    listLimits(limits).map(({ name, value }) => [name, describeLimit(value)] as const);
  const old = new Map(describeAll(before));
  return describeAll(after).flatMap(([name, value]) =>
    old.get(name) === value ? [] : [`${name} ${old.get(name)} → ${value}`],
  );
}

function time(ms: number): LimitValue {
  return ms === 0 ? NONE : { kind: "time", ms };
}

function networks(list: readonly Network[]): LimitValue {
  return { kind: "networks", networks: list.map(formatNetwork) };
}

/**
 * Returns every setting under the name of its flag. Settings never change while the master runs.
 */
function settingsOf(options: Settings): Record<string, unknown> {
  const { host, port, dashboard, access, serving, spares, orphans, state, log, confine, history } =
    options;
  return {
    host,
    port,
    dashboard,
    "dashboard-password": access.operate,
    "dashboard-watch-password": access.watch,
    "dashboard-readonly": access.readonly,
    service: describeServing(serving),
    spares,
    orphans,
    state,
    history: history.file,
    "history-age": history.maxAgeMs,
    "history-size": history.maxSessions,
    user: confine.user,
    group: confine.group,
    uids: confine.uids,
    directory: confine.directory,
    umask: confine.umask,
    "child-files": confine.maxFiles,
    "child-cpu": confine.cpuSeconds,
    "child-processes": confine.maxProcesses,
    "child-file-size": confine.maxFileBytes,
    "child-memory": confine.memoryBytes,
    "child-env": confine.environment,
    network: confine.sandbox.network,
    writable: confine.sandbox.writable,
    "allow-privileges": confine.sandbox.allowPrivileges,
    confine: confine.sandbox.strict,
    log,
  };
}

/** Returns the flags of the settings that have changed, which need a restart. */
export function changedSettings(before: Settings, after: Settings): string[] {
  const old = settingsOf(before);
  return Object.entries(settingsOf(after)).flatMap(([name, value]) =>
    Bun.deepEquals(value, old[name]) ? [] : [name],
  );
}
