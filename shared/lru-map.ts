/** A map of bounded size that drops the entry used least recently. */
export interface LruMap<Key, Value> {
  /** Returns the value, which counts as a use. */
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
  /** All entries, the least recently used first. Call neither `get` nor `set` while iterating. */
  entries(): IterableIterator<[Key, Value]>;
}

/** Creates an empty map of at most `maxEntries`. */
export function createLruMap<Key, Value>(maxEntries: number): LruMap<Key, Value> {
  const map = new Map<Key, Value>(); // iterates in the order of insertion

  function set(key: Key, value: Value): void {
    map.delete(key);
    map.set(key, value);
    if (map.size <= maxEntries) return;
    for (const oldest of map.keys()) {
      map.delete(oldest);
      return;
    }
  }

  return {
    get(key) {
      const value = map.get(key);
      if (value !== undefined) set(key, value);
      return value;
    },
    set,
    entries: () => map.entries(),
  };
}
