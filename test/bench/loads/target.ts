/** A contestant as the load generator sees it. */
export interface Target {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
}

/** How much longer (ms) than it should anything may take until the contestant counts as hanging. */
const PATIENCE = 30_000;

/** Waits for what a contestant does. @throws an error with its name if it takes too long. */
export async function within<T>(
  { name }: Target,
  what: string,
  work: Promise<T>,
  expected = 0,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const seconds = (PATIENCE + expected) / 1000;
    late.reject(new Error(`${name} hangs: ${what} has not ended after ${seconds} s.`));
  }, PATIENCE + expected);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for a connection. @throws an error with the contestant's name if there is none. */
export async function reach<T>({ name }: Target, connecting: Promise<T>): Promise<T> {
  try {
    return await connecting;
  } catch (cause) {
    throw new Error(`${name} cannot be reached: ${String(cause)}`, { cause });
  }
}

/** Does `one` so many times, `width` at a time. */
export async function inLanes(
  times: number,
  width: number,
  one: () => Promise<unknown>,
): Promise<void> {
  let left = times;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await one();
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
}

/** Where each contestant's values are kept. */
export function byName<T>(targets: readonly Target[], empty: () => T): Record<string, T> {
  return Object.fromEntries(targets.map(({ name }) => [name, empty()]));
}
