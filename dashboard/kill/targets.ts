/** Whom an order to many children is for: found once, shown, and from then on the same. */
import type { Child, Master } from "../../shared/master.ts";
import { countIds, type IdSet, numberOf, packIds, within } from "./ids.ts";

export interface Targets {
  /** Those that live, oldest first. */
  children: readonly Child[];
  /** How many of those meant have gone already. */
  gone: number;
}

/** Gives the sessions of a set; null if some have never been. */
export function targetsOf(master: Master, ids: IdSet): Targets | null {
  const last = ids.ranges.at(-1)?.[1] ?? 0;
  if (master.find(`${ids.instance}-${last}`) === "unknown") return null;
  const children = within(ids, master.snapshot().children);
  return { children, gone: countIds(ids) - children.length };
}

/** As a form carries them. */
export function packTargets({ instance }: Master, children: readonly Child[]): string {
  return packIds(
    instance,
    children.map(({ id }) => numberOf(id, instance)),
  );
}

/** How many are from each source, the most first. */
export function bySource(children: readonly Child[]): { source: string; count: number }[] {
  const groups = Map.groupBy(children, ({ source }) => source);
  return [...groups]
    .map(([source, { length: count }]) => ({ source, count }))
    .sort((a, b) => b.count - a.count);
}
