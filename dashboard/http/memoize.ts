import { createLruMap, type LruMap } from "../../shared/lru-map.ts";

/** What was made of an object, remembered for as long as the object lives: tabs that look alike share it. */
export type Memoize<Value> = (of: object, key: string, make: () => Value) => Value;

/** Kept of one object, however long it lives: a key is often what a stranger has put into an address. */
const MOST_KEPT = 200;

/** Gives what `make` gave the first time that it was asked for this object and this key. */
export function createMemoize<Value>(): Memoize<Value> {
  const made = new WeakMap<object, LruMap<string, Value>>();
  return (of, key, make) => {
    const known = made.get(of) ?? createLruMap<string, Value>(MOST_KEPT);
    made.set(of, known);
    const value = known.get(key);
    if (value !== undefined) return value;
    const fresh = make();
    known.set(key, fresh);
    return fresh;
  };
}
