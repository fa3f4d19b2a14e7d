import { createLruMap, type LruMap } from "../../shared/lru-map.ts";

/**
 * Values made from an object, cached for as long as the object lives: tabs with
 * the same view share them.
 */
export type Memoize<Value> = (of: object, key: string, make: () => Value) => Value;

/** Values cached for one object. Keys often come from an address, so anyone can invent them. */
const MAX_VALUES = 200;

/** Returns the cached value for this object and key, or makes it. */
export function createMemoize<Value>(): Memoize<Value> {
  const made = new WeakMap<object, LruMap<string, Value>>();
  return (of, key, make) => {
    const known = made.get(of) ?? createLruMap<string, Value>(MAX_VALUES);
    made.set(of, known);
    const value = known.get(key);
    if (value !== undefined) return value;
    const fresh = make();
    known.set(key, fresh);
    return fresh;
  };
}
