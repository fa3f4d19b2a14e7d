/** Schemas of parameters. A parameter given twice arrives as an array and matches none of them. */
import { z } from "@hono/zod-openapi";
import { SIGNALS } from "../../../shared/signals.ts";

export function oneOf<const Names extends readonly string[]>(names: Names) {
  return z.enum(names, `must be one of ${names.join(", ")}`);
}

/** Ignores a value that does not match, as the page does with its own address. */
export function lenient<Schema extends z.ZodType>(schema: Schema) {
  // null never comes in a query; it is passed on so that the description does not allow it.
  const ignore = (value: unknown) =>
    value === null || schema.safeParse(value).success ? value : undefined;
  return z.preprocess(ignore, schema);
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
