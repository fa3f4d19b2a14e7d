/** The limits as people read them, and what differs between two of them. */
import { formatDuration } from "../shared/format.ts";
import type { Limits, Settings } from "./options.ts";
import { describeServing } from "./serving.ts";
import { formatNetwork, type Network } from "./source.ts";

/** Each limit by its flag's name, in words. */
export function describeLimits(limits: Limits): { name: string; value: string }[] {
  const { rate, source, refuse } = limits;
  return Object.entries({
    "max-clients": limits.maxClients.toLocaleString("en"),
    "max-per-source": limits.maxPerSource.toLocaleString("en"),
    rate: rate === null ? "none" : `${rate.count} in ${formatDuration(rate.per)}`,
    source: `/${source.v4}, /${source.v6} of IPv6`,
    allow: limits.allow.length === 0 ? "all" : networks(limits.allow),
    deny: limits.deny.length === 0 ? "none" : networks(limits.deny),
    penalty: time(limits.penalty),
    refuse: refuse.how === "wait" ? `wait ${formatDuration(refuse.wait)}` : refuse.how,
    "first-byte-timeout": time(limits.firstByteTimeout),
    "idle-timeout": time(limits.idleTimeout),
    "max-session": time(limits.maxSession),
    drain: time(limits.drain),
  }).map(([name, value]) => ({ name, value }));
}

/** What has changed, as `max-clients 1,000 → 500`. */
export function changedLimits(before: Limits, after: Limits): string[] {
  const old = new Map(describeLimits(before).map(({ name, value }) => [name, value]));
  return describeLimits(after).flatMap(({ name, value }) =>
    old.get(name) === value ? [] : [`${name} ${old.get(name)} → ${value}`],
  );
}

function time(ms: number): string {
  return ms === 0 ? "none" : formatDuration(ms);
}

function networks(list: readonly Network[]): string {
  return list.map(formatNetwork).join(", ");
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
    "history-age": history.age,
    "history-size": history.size,
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
