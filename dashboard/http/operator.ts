/**
 * The operator who sent a request, for the log: the name given with the password, and the address.
 */
import type { Context } from "hono";
import { escapeText } from "../../shared/escape.ts";
import { peerOf } from "./peer.ts";

const MAX_NAME_CHARS = 32;

/** The context variable in which the guard leaves that name. */
export const OPERATOR = "operator";

/** Returns `anna at 127.0.0.1`; `operator at …` if no name was given. Escaped. */
export function operatorOf(c: Context): string {
  const claimed: unknown = c.get(OPERATOR);
  return describeOperator(c, typeof claimed === "string" ? claimed : "");
}

/** Returns the same for someone who claims to have this name. */
export function describeOperator(c: Context, claimed: string): string {
  const name = claimed === "" ? "operator" : claimed;
  const { address } = peerOf(c) ?? { address: "an unknown address" };
  return `${escapeText(name.slice(0, MAX_NAME_CHARS))} at ${address}`;
}
