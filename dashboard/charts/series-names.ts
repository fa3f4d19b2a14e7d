/**
 * The series that are measured, and how the seconds of a longer step are combined into one point.
 */
import { REFUSE_REASONS } from "../../shared/outcome.ts";
import type { Aggregate } from "./ring.ts";

/** Memory is in bytes, durations are in ms, rates are per second. */
const SERIES = {
  live: "mean",
  liveMax: "max",
  waiting: "max",
  accepted: "mean",
  ended: "mean",
  /**
   * From when a client is accepted to the first byte of its reply, over all clients of that time.
   */
  firstReplyP50: "newest",
  firstReplyP99: "newest",
  /** The master's, in percent of one core. */
  cpu: "mean",
  cpuMax: "max",
  /** The master's memory. */
  resident: "max",
  private: "max",
  /** Of the event loop. */
  delay: "mean",
  delayMax: "max",
} as const satisfies Record<string, Aggregate>;

export type SeriesName = keyof typeof SERIES | `refused: ${string}`;

/** The refusals per second, by reason. */
export const REFUSAL_SERIES = REFUSE_REASONS.map((reason) => ({
  reason,
  series: `refused: ${reason}` as const,
}));

export const SERIES_NAMES: readonly SeriesName[] = [
  ...(Object.keys(SERIES) as (keyof typeof SERIES)[]),
  ...REFUSAL_SERIES.map(({ series }) => series),
];

/** In the order of the names. */
export const AGGREGATES: readonly Aggregate[] = [
  ...Object.values(SERIES),
  ...REFUSAL_SERIES.map(() => "mean" as const),
];

const COLUMNS = new Map(SERIES_NAMES.map((name, index) => [name, index]));

/** Returns the index of a series in `SERIES_NAMES`, and so in each row of values. */
export function columnOf(name: SeriesName): number {
  const column = COLUMNS.get(name);
  if (column === undefined) throw new Error(`there is no series ${name}`);
  return column;
}
