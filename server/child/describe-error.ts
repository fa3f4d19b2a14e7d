/** What the log shows of an error that a service has thrown. */
import { dirname } from "node:path";
import { inspect } from "node:util";

/** A line of a stack that is in brood's own bundle. */
const OWN_LINE = /module-child\.js|\$bunfs/;

/** Causes of one error that are shown, and how deep: they may form a circle. */
const MAX_CAUSES = 3;

/**
 * Returns a function that describes whatever was thrown, and what caused it, with those
 * lines of each stack that are the service's. `module` is its bundle: files are named from
 * there, as the user knows them.
 */
export function createErrorDescriber(module: string): (error: unknown) => string {
  const directory = `${dirname(module)}/`;

  function describe(error: unknown, depth: number): string {
    if (!(error instanceof Error)) return `thrown: ${inspect(error)}`;
    const { name, message, stack = "", cause } = error;
    const where = stack
      .split("\n")
      .filter((line) => /^\s+at /.test(line) && !OWN_LINE.test(line))
      .map((line) => line.replace(directory, ""));
    const parts = error instanceof AggregateError ? error.errors : [];
    const causes = depth === MAX_CAUSES ? [] : [...parts, cause].slice(0, MAX_CAUSES);
    const why = causes
      .filter((one) => one !== undefined)
      .map((one) => `because of ${describe(one, depth + 1)}`);
    return [`${name}: ${message}`, ...where, ...why].join("\n");
  }

  return (error) => describe(error, 0);
}
