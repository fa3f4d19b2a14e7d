/** Chance that can be had again: the same seed gives the same clients. */

export interface Random {
  /** A whole number from 0 to `count` - 1. */
  below(count: number): number;
  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number;
  /** True so many times of a hundred. */
  percent(share: number): boolean;
  pick<T>(choices: readonly [T, ...T[]]): T;
  /** So many bytes of any value, one character each. */
  bytes(length: number): string;
}

/** Gives the generator for one of many things (the client `index`) of a run. */
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

/** A seed for a test; `SEED=123 bun test FILE` gives the same run again. */
export function seedOfTest(): number {
  return Number(process.env.SEED ?? Date.now() % 1_000_000);
}
