/** What was made of an object, remembered for as long as the object lives: tabs that look alike share it. */
export type Memoize<Value> = (of: object, key: string, make: () => Value) => Value;

/** Kept of one object, however long it lives: a key is often what a stranger has put into an address. */
const MOST_KEPT = 200;

/** Gives what `make` gave the first time that it was asked for this object and this key. */
export function createMemoize<Value>(): Memoize<Value> {
  const made = new WeakMap<object, Map<string, Value>>();
  return (of, key, make) => {
    const known = made.get(of) ?? new Map<string, Value>();
    made.set(of, known);
    const value = known.get(key) ?? make();
    known.set(key, value);
    const [oldest = key] = known.keys();
    if (known.size > MOST_KEPT) known.delete(oldest);
    return value;
  };
}
