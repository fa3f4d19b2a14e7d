/** Maps each source to a time and forgets it once that has passed. Its size is bounded. */

/** A client can come from more addresses than we have memory for. */
const MAX_SOURCES = 65_536;

export interface ExpiryMap {
  /** Returns the time (ms) of this source on the caller's clock; 0 if there is none. */
  get(source: string): number;
  set(source: string, timeMs: number, nowMs: number): void;
}

/** When it is full, times that have passed are removed first, then those set longest ago. */
export function createExpiryMap(maxSources = MAX_SOURCES): ExpiryMap {
  const times = new Map<string, number>();

  function makeRoom(nowMs: number): void {
    for (const [source, timeMs] of times) if (timeMs <= nowMs) times.delete(source);
    // Frees a quarter, so that this walk is not repeated for each new source.
    for (const source of times.keys()) {
      if (times.size <= maxSources * 0.75) return;
      times.delete(source);
    }
  }

  return {
    get: (source) => times.get(source) ?? 0,
    set(source, timeMs, nowMs) {
      times.delete(source); // so that it moves to the end
      if (times.size >= maxSources) makeRoom(nowMs);
      times.set(source, timeMs);
    },
  };
}
