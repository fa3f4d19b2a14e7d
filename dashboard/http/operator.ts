/** Who asks for something, for the log: the name given with the password, and the address. */
import type { Context } from "hono";
import { getConnInfo } from "hono/bun";
import { escapeText } from "../../shared/escape.ts";

/** Characters of a name that are kept. */
const MOST_NAME = 32;

/** Where the guard keeps the name that came with the password. */
export const OPERATOR = "operator";

/** `anna at 127.0.0.1`; `operator` where no name is asked for. */
export function operatorOf(c: Context): string {
  const given: unknown = c.get(OPERATOR);
  const name = typeof given === "string" && given !== "" ? given : "operator";
  const { address = "an unknown address" } = getConnInfo(c).remote;
  return `${escapeText(name.slice(0, MOST_NAME))} at ${address}`;
}
