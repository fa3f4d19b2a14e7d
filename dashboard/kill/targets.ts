/**
 * The children that a job is for. They are found once: those that the operator
 * was shown get the signal.
 */
import { escapeText } from "../../shared/escape.ts";
import type { Child, Master } from "../../shared/master.ts";
import { matchRows } from "../page/select-rows.ts";
import type { Sampler } from "../page/sample.ts";
import { countIds, type IdSet, sessionNumber, packIds, selectByIds } from "./ids.ts";

export interface Targets {
  /** The live ones, oldest first. */
  children: readonly Child[];
  /** How many of the chosen children have already ended. */
  alreadyEnded: number;
}

/** Returns the children of these sessions; null if some of them never existed. */
export function targetsInSet(master: Master, ids: IdSet): Targets | null {
  const last = ids.ranges.at(-1)?.[1] ?? 0;
  if (master.find(`${ids.instance}-${last}`) === "unknown") return null;
  const children = selectByIds(ids, master.snapshot().children);
  return { children, alreadyEnded: countIds(ids) - children.length };
}

/** Returns the children of these sessions; null if some of them never existed. */
export function targetsByIds(master: Master, ids: readonly string[]): Targets | null {
  const wanted = [...new Set(ids)].map((id) => master.find(id));
  if (wanted.includes("unknown")) return null;
  const children = wanted.filter((child) => typeof child !== "string");
  return { children, alreadyEnded: wanted.length - children.length };
}

/** How children are chosen; null: not by this. */
export interface TargetFilter {
  filter: string | null;
  source: string | null;
}

/** Returns all live children that match. */
export function targetsByFilter(sampler: Sampler, { filter, source }: TargetFilter): Targets {
  const rows = matchRows(sampler.current().rows, filter ?? "");
  return {
    children: rows.filter((row) => source === null || row.source === source),
    alreadyEnded: 0,
  };
}

const MAX_LOGGED_CHARS = 100;

/** Describes the choice for the log. Escaped. */
export function describeTargetFilter({ filter, source }: TargetFilter): string {
  const escape = (text: string) => escapeText(text.slice(0, MAX_LOGGED_CHARS));
  return [
    ...(filter === null ? [] : [`filter "${escape(filter)}"`]),
    ...(source === null ? [] : [`source ${escape(source)}`]),
  ].join(", ");
}

/** The IDs of `children` as a form carries them. */
export function packTargets({ instance }: Master, children: readonly Child[]): string {
  return packIds(
    instance,
    children.map(({ id }) => sessionNumber(id, instance)),
  );
}

/** Counts the children of each source, largest first. */
export function countBySource(children: readonly Child[]): { source: string; count: number }[] {
  const groups = Map.groupBy(children, ({ source }) => source);
  return [...groups]
    .map(([source, { length: count }]) => ({ source, count }))
    .sort((a, b) => b.count - a.count);
}
