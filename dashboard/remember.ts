/** What was made of an object, remembered for as long as the object lives: tabs that look alike share it. */
export type Remember<Value> = (of: object, key: string, make: () => Value) => Value;

/** Gives what `make` gave the first time that it was asked for this object and this key. */
export function rememberer<Value>(): Remember<Value> {
  const made = new WeakMap<object, Map<string, Value>>();
  return (of, key, make) => {
    const known = made.get(of) ?? new Map<string, Value>();
    made.set(of, known);
    const value = known.get(key) ?? make();
    known.set(key, value);
    return value;
  };
}
