/** Which connections to the page are closed when there are too many. Pure. */

export interface Connection {
  /** The address, or the network that counts as one source. */
  source: string;
  /** What its requests were allowed so far: less than nothing matters more than when. */
  rank: "none" | "reader" | "operator";
  /** When it was last used, in ms on the clock of `performance.now`; 0: never. */
  usedAt: number;
}

export interface ConnectionLimits {
  total: number;
  perSource: number;
}

const RANKS: readonly Connection["rank"][] = ["none", "reader", "operator"];

/**
 * Returns the connections to close so that the limits hold: always of the source that has most of them, first those that
 * got nothing from the page yet, then readers', then operators', and among these the one unused for longest.
 */
export function chooseExcess<C extends Connection>(
  connections: readonly C[],
  { total, perSource }: ConnectionLimits,
): C[] {
  const sources = [...Map.groupBy(connections, ({ source }) => source).values()].map((list) =>
    list.toSorted((a, b) => RANKS.indexOf(b.rank) - RANKS.indexOf(a.rank) || b.usedAt - a.usedAt),
  );
  const excess: C[] = [];
  let left = connections.length;
  for (;;) {
    const largest = sources.reduce((a, b) => (b.length > a.length ? b : a), []);
    const last = largest.length > perSource || left > total ? largest.pop() : undefined;
    if (last === undefined) return excess;
    excess.push(last);
    left -= 1;
  }
}
