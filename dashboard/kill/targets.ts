/** Whom an order to many children is for: found once, shown, and from then on the same. */
import { escapeText } from "../../shared/escape.ts";
import type { Child, Master } from "../../shared/master.ts";
import { matchRows } from "../page/select-rows.ts";
import type { Sampler } from "../page/sample.ts";
import { countIds, type IdSet, sessionNumber, packIds, selectByIds } from "./ids.ts";

export interface Targets {
  /** Those that live, oldest first. */
  children: readonly Child[];
  /** How many of those meant have gone already. */
  gone: number;
}

/** Gives the sessions of a set; null if some have never been. */
export function targetsInSet(master: Master, ids: IdSet): Targets | null {
  const last = ids.ranges.at(-1)?.[1] ?? 0;
  if (master.find(`${ids.instance}-${last}`) === "unknown") return null;
  const children = selectByIds(ids, master.snapshot().children);
  return { children, gone: countIds(ids) - children.length };
}

/** The same, of ids one by one. */
export function targetsByIds(master: Master, ids: readonly string[]): Targets | null {
  const wanted = [...new Set(ids)].map((id) => master.find(id));
  if (wanted.includes("unknown")) return null;
  const children = wanted.filter((child) => typeof child !== "string");
  return { children, gone: wanted.length - children.length };
}

/** By what children are chosen; null: not by that. */
export interface TargetFilter {
  filter: string | null;
  source: string | null;
}

/** All that a filter finds of one source, or of all, as they are now. */
export function targetsByFilter(sampler: Sampler, { filter, source }: TargetFilter): Targets {
  const rows = matchRows(sampler.current().rows, filter ?? "");
  return { children: rows.filter((row) => source === null || row.source === source), gone: 0 };
}

/** Characters of each that are kept of it. */
const MOST_NAMED = 100;

/** The choice in words, for the log. Escaped. */
export function describeTargetFilter({ filter, source }: TargetFilter): string {
  const named = (text: string) => escapeText(text.slice(0, MOST_NAMED));
  return [
    ...(filter === null ? [] : [`filter "${named(filter)}"`]),
    ...(source === null ? [] : [`source ${named(source)}`]),
  ].join(", ");
}

/** As a form carries them. */
export function packTargets({ instance }: Master, children: readonly Child[]): string {
  return packIds(
    instance,
    children.map(({ id }) => sessionNumber(id, instance)),
  );
}

/** How many are from each source, the most first. */
export function countBySource(children: readonly Child[]): { source: string; count: number }[] {
  const groups = Map.groupBy(children, ({ source }) => source);
  return [...groups]
    .map(([source, { length: count }]) => ({ source, count }))
    .sort((a, b) => b.count - a.count);
}
