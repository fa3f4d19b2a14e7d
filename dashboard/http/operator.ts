/** The operator who sent a request, for the log: the name given with the password, and the address. */
import type { Context } from "hono";
import { getConnInfo } from "hono/bun";
import { escapeText } from "../../shared/escape.ts";

const MAX_NAME_CHARS = 32;

/** The context variable in which the guard leaves that name. */
export const OPERATOR = "operator";

/** Returns `anna at 127.0.0.1`; `operator at …` if no name was given. Escaped. */
export function operatorOf(c: Context): string {
  const claimed: unknown = c.get(OPERATOR);
  const name = typeof claimed === "string" && claimed !== "" ? claimed : "operator";
  const { address = "an unknown address" } = getConnInfo(c).remote;
  return `${escapeText(name.slice(0, MAX_NAME_CHARS))} at ${address}`;
}
