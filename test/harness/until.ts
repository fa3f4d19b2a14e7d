/** Waiting for what must come true. The only place where a test waits by the clock. */

/**
 * How long (ms) anything may take: many times what a loaded machine needs, more than the master's patience, and
 * less than a test may take (run.ts), so that what did not come true is named.
 */
export const DEADLINE = 100_000;

/** Between two checks: short at first, for most things come true soon, then longer to spare the CPU. */
const MIN_PAUSE_MS = 5;
const MAX_PAUSE_MS = 50;
const PAUSE_GROWTH = 1.25;

/** How long (ms) nothing may change before it counts as still. */
const STILL = 1000;

/**
 * Looks again and again until `condition` gives something true, and gives that.
 * @throws an error that names `what` did not come true.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  what: string | (() => string),
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + DEADLINE;
  for (let pause = MIN_PAUSE_MS; ; pause = Math.min(pause * PAUSE_GROWTH, MAX_PAUSE_MS)) {
    const result = await condition();
    if (result) return result as Exclude<T, false | null | undefined>;
    if (performance.now() > deadline) {
      throw new Error(
        `still not true after ${DEADLINE / 1000} s: ${typeof what === "string" ? what : what()}`,
      );
    }
    await Bun.sleep(pause);
  }
}

/** Waits until `measure` gives the same value for a while, and gives that value. */
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
      return performance.now() - since > STILL;
    },
    () => `${what} comes to rest (last ${String(value)})`,
  );
  return value;
}

/** Waits until `read` gives `wanted`; the error shows what it gave last. */
export async function untilEqual<T>(read: () => T | Promise<T>, wanted: T): Promise<void> {
  let last: T | undefined;
  await until(
    async () => {
      last = await read();
      return Bun.deepEquals(last, wanted);
    },
    () => `${Bun.inspect(wanted)} is wanted; ${Bun.inspect(last)} is there`,
  );
}

/** Waits until `read` gives less than `limit`; the error shows what it gave last. */
export async function untilLess(read: () => number, limit: number): Promise<void> {
  let last = Number.NaN;
  await until(
    () => {
      last = read();
      return last < limit;
    },
    () => `less than ${limit} is wanted; ${last} is there`,
  );
}
