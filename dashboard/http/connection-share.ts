/** Chooses which connections to the page are closed when there are too many. Pure. */

export interface Connection {
  /** The address, or the network that counts as one source. */
  source: string;
  /**
   * The most that its requests were allowed so far; "none" if they were all refused. It matters
   * more than `usedAt`.
   */
  rank: "none" | "watcher" | "operator";
  /** When it was last used, in ms on the clock of `performance.now`; 0: never. */
  usedAt: number;
}

export interface ConnectionLimits {
  total: number;
  perSource: number;
}

const RANKS: readonly Connection["rank"][] = ["none", "watcher", "operator"];

/**
 * Returns the connections to close so that the limits hold. They are taken from the source that has
 * most: first those that the page has given nothing yet, then watchers', then operators', and among
 * equals the one that was unused for longest.
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
