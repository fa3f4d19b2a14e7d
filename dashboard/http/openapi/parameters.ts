/** Schemas of parameters. A parameter that comes more than once arrives as an array. */
import { z } from "@hono/zod-openapi";
import { SIGNALS } from "../../../shared/signals.ts";

export function oneOf<const Names extends readonly string[]>(names: Names) {
  return z.enum(names, `must be one of ${names.join(", ")}`);
}

/**
 * Takes the first of several values and ignores it if it does not match, as the page
 * does with its own address.
 */
export function lenient<Schema extends z.ZodType>(schema: Schema) {
  // null never comes in a query; it is passed on so that the description does not allow it.
  const firstIfValid = (value: unknown) => {
    const first: unknown = Array.isArray(value) ? value[0] : value;
    return first === null || schema.safeParse(first).success ? first : undefined;
  };
  return z.preprocess(firstIfValid, schema);
}

/** A parameter that is on when it is `1`, and off otherwise. */
export function flag(description: string) {
  return lenient(z.enum(["1"]).optional().describe(description)).transform(
    (value) => value === "1",
  );
}

export function idParameter(description: string) {
  return z.object({ id: z.string().describe(description) });
}

export const sessionIdParameter = idParameter("The ID of a session");

export const signalParameter = oneOf(SIGNALS).default("TERM");

export const thenParameter = z
  .enum(["KILL"])
  .optional()
  .describe("Sends KILL after 5 s if the child is still there");
