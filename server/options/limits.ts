/** The limits as they are told, and what differs between two of them. */
import { describeLimit, type Limit, type LimitName, type LimitValue } from "../../shared/limits.ts";
import type { Limits, Settings } from "./options.ts";
import { describeServing } from "./serving.ts";
import { formatNetwork, type Network } from "./source.ts";

/** Each limit by its flag's name. */
export function listLimits(limits: Limits): Limit[] {
  const { rate, source, refuse } = limits;
  const values: Record<LimitName, LimitValue> = {
    "max-clients": { kind: "count", count: limits.maxClients },
    "max-per-source": { kind: "count", count: limits.maxPerSource },
    rate: rate === null ? NONE : { kind: "rate", count: rate.count, perMs: rate.per },
    source: { kind: "source", ...source },
    allow: limits.allow.length === 0 ? { kind: "all" } : networks(limits.allow),
    deny: limits.deny.length === 0 ? NONE : networks(limits.deny),
    penalty: time(limits.penalty),
    refuse: refuse.how === "wait" ? { kind: "wait", ms: refuse.wait } : { kind: refuse.how },
    "first-byte-timeout": time(limits.firstByteTimeout),
    "idle-timeout": time(limits.idleTimeout),
    "max-session": time(limits.maxSession),
    drain: time(limits.drain),
  };
  // TypeScript takes the keys of an object for any text.
  return Object.entries(values).map(([name, value]) => ({ name: name as LimitName, value }));
}

/** What has changed, as `max-clients 1,000 → 500`. */
export function changedLimits(before: Limits, after: Limits): string[] {
  const describeAll = (limits: Limits) =>
    listLimits(limits).map(({ name, value }) => [name, describeLimit(value)] as const);
  const old = new Map(describeAll(before));
  return describeAll(after).flatMap(([name, value]) =>
    old.get(name) === value ? [] : [`${name} ${old.get(name)} → ${value}`],
  );
}

const NONE = { kind: "none" } as const;

function time(ms: number): LimitValue {
  return ms === 0 ? NONE : { kind: "time", ms };
}

function networks(list: readonly Network[]): LimitValue {
  return { kind: "networks", networks: list.map(formatNetwork) };
}

/** What no limit is, by its flag's name: it stays as it is for as long as the master lives. */
function settingsOf(options: Settings): Record<string, unknown> {
  const { host, port, dashboard, access, serving, spares, orphans, log, confine, history } =
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
    history: history.file,
    "history-age": history.maxAgeMs,
    "history-size": history.maxSessions,
    user: confine.user,
    group: confine.group,
    directory: confine.directory,
    umask: confine.umask,
    "child-files": confine.files,
    "child-cpu": confine.cpu,
    "child-memory": confine.memory,
    "child-env": confine.environment,
    log,
  };
}

/** The flags that say something else than before, which only a new start can follow. */
export function changedSettings(before: Settings, after: Settings): string[] {
  const old = settingsOf(before);
  return Object.entries(settingsOf(after)).flatMap(([name, value]) =>
    Bun.deepEquals(value, old[name]) ? [] : [name],
  );
}
