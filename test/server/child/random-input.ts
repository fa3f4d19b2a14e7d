/**
 * A lot of random input, fast: fast-check takes too long per case for a million of them. Strings
 * are latin1, one character per byte.
 */

/** What the service and telnet know, and what terminals, logs and decoders might stumble over. */
const PARTS = [
  ["time", "time", "time\r\n", "time\n", "timetime", "ti", "m", "e", "tim", "TIME", " ", "qu"],
  ["\r\n", "\r\n", "\n", "\n", "\r", "\r\0", "\0", "hello", "\\", "\\x1b", "<b>"],
  ["\xff", "\xff\xff", "\xff\xf1", "\xff\xfd\x06", "\xff\xf4\xff\xfd\x06", "\xff\xfb\x06", "\xf0"],
  ["\xff\xfa\x18", "\xff\xf0", "\xff\xfa\x1f\0\x50\0\x18\xff\xf0", "\xff\xfe\xff"],
  ["\x1b[2J", "\x1b]0;x\x07", "\x9b2J", "\b\x7f", "\xe2\x80\xae", "\xe2\x80\xa8"],
  ["\xed\x95\x9c", "\xed\x95", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5"],
].flat();

const QUITS = ["quit", "qui", "quit\r\n", "timequit", "quit\r"];

/** Lines around the limit of 4,096 bytes, and one far over it. */
const LONG = [4094, 4095, 4096, 4097, 20_000].map((length) => "x".repeat(length));

const NOISE = 65_536;

export interface RandomInput {
  /** Returns an integer from 0 to `bound`, exclusive. */
  below(bound: number): number;
  /**
   * Returns some bytes: mostly few, rarely a long line. Without `quits` it quits by chance only.
   */
  input(quits?: boolean): string;
  /** Returns the input in pieces, cut anywhere, now and then into single bytes. */
  cut(input: string): string[];
}

/** The same seed makes the same input. */
export function randomInput(seed: number): RandomInput {
  const below = mulberry32(seed);

  function part(quits: boolean): string {
    const kind = below(1000);
    if (kind === 0) return LONG[below(LONG.length)] ?? "";
    if (kind < 50 && quits) return QUITS[below(QUITS.length)] ?? "";
    if (kind < 850) return PARTS[below(PARTS.length)] ?? "";
    const from = below(NOISE - 16);
    return noise.slice(from, from + below(16));
  }

  return {
    below,
    input(quits = true) {
      let input = "";
      for (let parts = 1 + below(10); parts > 0; parts -= 1) input += part(quits);
      return input;
    },
    cut(input) {
      const pieces: string[] = [];
      const longest = below(8) === 0 ? 1 : input.length;
      for (let at = 0; at < input.length;) {
        const end = at + 1 + below(Math.min(longest, input.length - at));
        pieces.push(input.slice(at, end));
        at = end;
      }
      return pieces;
    },
  };
}

/** Returns a function that returns a random integer from 0 to its bound, exclusive. */
function mulberry32(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}

const byte = mulberry32(1);
const noise = Array.from({ length: NOISE }, () => String.fromCharCode(byte(256))).join("");
