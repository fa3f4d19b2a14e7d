/** Reproducible randomness: the same seed produces the same clients. */

export interface Random {
  /** An integer from 0 to `count` - 1. */
  below(count: number): number;
  /** An integer from `least` to `most`. */
  between(least: number, most: number): number;
  /** Returns true with this probability in percent. */
  percent(share: number): boolean;
  pick<T>(choices: readonly [T, ...T[]]): T;
  /** A string of this many random bytes, one character each. */
  bytes(length: number): string;
}

/** Returns the generator for one of many things in a run, such as the client `index`. */
export function random(seed: number, index = 0): Random {
  let state = Bun.hash.murmur32v3(`${index}`, seed >>> 0);

  /** Mulberry32, by Tommy Ettinger. */
  function next(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  const below = (count: number) => Math.floor((next() / 2 ** 32) * count);
  return {
    below,
    between: (least, most) => least + below(most - least + 1),
    percent: (share) => below(100) < share,
    pick: (choices) => choices[below(choices.length)] ?? choices[0],
    bytes: (length) => String.fromCharCode(...Array.from({ length }, () => below(256))),
  };
}

/** Returns a seed for a test; `SEED=123 bun test FILE` repeats a run. */
export function seedOfTest(): number {
  return Number(process.env.SEED ?? Date.now() % 1_000_000);
}
