/** A time for each of many sources, forgotten when it is past. */

/** Sources that are remembered; a stranger has more addresses than we have memory. */
const MAX_SOURCES = 65_536;

export interface ExpiryMap {
  /** The time of this source, in ms of the clock that the caller uses; 0 if there is none. */
  get(source: string): number;
  set(source: string, time: number, now: number): void;
}

/** Where there are too many, those whose time is past go first, then the oldest. */
export function createExpiryMap(most = MAX_SOURCES): ExpiryMap {
  const times = new Map<string, number>();

  function makeRoom(now: number): void {
    for (const [source, time] of times) if (time <= now) times.delete(source);
    // A quarter at once: not each newcomer is to look through them all.
    for (const source of times.keys()) {
      if (times.size <= most * 0.75) return;
      times.delete(source);
    }
  }

  return {
    get: (source) => times.get(source) ?? 0,
    set(source, time, now) {
      times.delete(source); // so that it comes last
      if (times.size >= most) makeRoom(now);
      times.set(source, time);
    },
  };
}
