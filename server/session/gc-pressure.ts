/**
 * Collects garbage that Bun does not know to be large. The part of an unfinished message that a child has sent stays
 * in memory until the child's own object is collected, and the collector does not see how big it is: ten such children in
 * ten seconds add up to gigabytes.
 */

/** How far the master may grow before a collection shows whether that is garbage; thousands of clients take less. */
const MAX_GROWTH_BYTES = 100e6;

/** Collections after a child has left garbage behind: during the first, the stack may still refer to it. */
const COLLECTIONS = 3;

export interface GcPressure {
  /** Starts a collection if the master has grown much since the last one. @returns true if it does */
  collect(rssBytes: number): boolean;
  /** A child that left much garbage behind has ended: the next calls of `collect` collect, whatever the growth. */
  expectGarbage(): void;
}

export function trackGcPressure(): GcPressure {
  /** The lowest memory use since the last collection. */
  let baselineBytes = Number.POSITIVE_INFINITY;
  let collectionsDue = 0;

  return {
    collect(rssBytes) {
      baselineBytes = Math.min(baselineBytes, rssBytes);
      if (collectionsDue === 0 && rssBytes - baselineBytes < MAX_GROWTH_BYTES) return false;
      collectionsDue = Math.max(collectionsDue - 1, 0);
      // Not within a timer's call, whose own stack may refer to the child that has ended.
      setImmediate(() => Bun.gc(true));
      baselineBytes = Number.POSITIVE_INFINITY;
      return true;
    },
    expectGarbage() {
      collectionsDue = COLLECTIONS;
    },
  };
}
