/** Waits for conditions to become true. Tests wait by the clock nowhere else. */

/**
 * How long anything may take: many times what a loaded machine needs, longer than any
 * timeout of the master, and shorter than a test may take (run.ts), so that the error
 * names what did not happen.
 */
export const DEADLINE_MS = 100_000;

/**
 * Between two checks: short at first, as most conditions soon hold, then longer to spare the CPU.
 */
const MIN_PAUSE_MS = 5;
const MAX_PAUSE_MS = 50;
const PAUSE_GROWTH = 1.2;

/** A value that does not change for this long has settled. */
const SETTLED_MS = 1000;

/** Between two measurements of a value that is to settle. */
const MEASURE_INTERVAL_MS = 10;

/**
 * Checks `condition` until it returns something truthy, and returns that.
 * @throws an error that says `what` did not become true.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  what: string | (() => string),
  maxPauseMs = MAX_PAUSE_MS,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + DEADLINE_MS;
  for (let pause = MIN_PAUSE_MS; ; pause = Math.min(pause * PAUSE_GROWTH, maxPauseMs)) {
    const result = await condition();
    if (result) return result as Exclude<T, false | null | undefined>;
    if (performance.now() > deadline) {
      const seconds = DEADLINE_MS / 1000;
      throw new Error(
        `still not true after ${seconds} s: ${typeof what === "string" ? what : what()}`,
      );
    }
    await Bun.sleep(pause);
  }
}

/** Waits until `measure` returns the same value for a while, and returns that value. */
export async function untilStill<T>(measure: () => T, what: string): Promise<T> {
  let value = measure();
  let since = performance.now();
  await until(
    () => {
      const now = measure();
      if (now !== value) {
        value = now;
        since = performance.now();
      }
      return performance.now() - since > SETTLED_MS;
    },
    () => `${what} settles (last ${String(value)})`,
    MEASURE_INTERVAL_MS,
  );
  return value;
}

/** Waits until `read` returns `expected`; the error shows the last value. */
export async function untilEqual<T>(read: () => T | Promise<T>, expected: T): Promise<void> {
  let last: T | undefined;
  await until(
    async () => {
      last = await read();
      return Bun.deepEquals(last, expected);
    },
    () => `expected ${Bun.inspect(expected)}; the last value is ${Bun.inspect(last)}`,
  );
}

/** Waits until `read` returns less than `limit`; the error shows the last value. */
export async function untilLess(read: () => number, limit: number): Promise<void> {
  let last = Number.NaN;
  await until(
    () => {
      last = read();
      return last < limit;
    },
    () => `expected less than ${limit}; the last value is ${last}`,
  );
}
