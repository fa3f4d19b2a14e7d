/** A contestant as the load generator sees it. */
export interface Target {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
}

/** How much longer than expected anything may take before the contestant counts as hanging. */
const HANG_TIMEOUT_MS = 30_000;

/**
 * Waits for a contestant to do something that should take `expectedMs`.
 * @throws an error that names the contestant if it takes too long.
 */
export async function within<T>(
  { name }: Target,
  what: string,
  work: Promise<T>,
  expectedMs = 0,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const seconds = (HANG_TIMEOUT_MS + expectedMs) / 1000;
    late.reject(new Error(`${name} hangs: ${what} did not finish within ${seconds} s.`));
  }, HANG_TIMEOUT_MS + expectedMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for a connection. @throws an error that names the contestant if it cannot be reached. */
export async function connectTo<T>({ name }: Target, connecting: Promise<T>): Promise<T> {
  try {
    return await connecting;
  } catch (cause) {
    throw new Error(`${name} cannot be reached: ${String(cause)}`, { cause });
  }
}

/** Runs `task` this many times, `width` at a time. */
export async function inLanes(
  times: number,
  width: number,
  task: () => Promise<unknown>,
): Promise<void> {
  let left = times;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await task();
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
}

/** Returns an empty value for each contestant, by name. */
export function byName<T>(targets: readonly Target[], empty: () => T): Record<string, T> {
  return Object.fromEntries(targets.map(({ name }) => [name, empty()]));
}
