/** How much a test does: enough to fail in `npm test`, and far more in `npm run test:long`. */

/** Set by `npm run test:long`. */
export const LONG_VARIABLE = "TEST_LONG";

/**
 * Returns `usual`, or `long` in `npm run test:long`, which runs the files that use this function.
 */
export function sized<T>(usual: T, long: T): T {
  return process.env[LONG_VARIABLE] === undefined ? usual : long;
}
