/**
 * Responses as routes describe them, and the response to a request that does not match its
 * description.
 */
import { type Hook, z } from "@hono/zod-openapi";
import type { Env } from "hono";

/**
 * A schema with a name in the description of the API. It is built only when the description is
 * requested: responses are not parsed, and building all of these schemas takes longer than starting
 * the rest of the dashboard.
 */
export function responseSchema<Schema extends z.ZodType>(name: string, make: () => Schema) {
  return z.lazy(make).openapi(name);
}

const errorSchema = responseSchema("Error", () =>
  z.object({ error: z.string().describe("What is wrong, in one sentence") }),
);

export function jsonResponse<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { "application/json": { schema } } };
}

export function errorResponse(description: string) {
  return jsonResponse(errorSchema, description);
}

export function textResponse(description: string) {
  return { description, content: { "text/plain": { schema: z.string() } } };
}

export function htmlResponse(description: string) {
  return { description, content: { "text/html": { schema: z.string() } } };
}

export function eventStreamResponse(description: string) {
  return { description, content: { "text/event-stream": { schema: z.string() } } };
}

/**
 * Responds with 400, and the first thing that is wrong, to a request that does not match its
 * route's description. A message in a schema is the rest of a sentence that begins with the field's
 * name: `limit` + `must be a number from 1 to 1000`.
 */
export const rejectInvalid: Hook<unknown, Env, string, Response | undefined> = (result, c) =>
  result.success ? undefined : c.json({ error: describeIssue(result.error) }, 400);

/** One sentence about the first issue. */
export function describeIssue({ issues }: z.ZodError): string {
  const [issue] = issues;
  if (issue === undefined) return "the request is invalid";
  const [field] = issue.path;
  return field === undefined ? issue.message : `${String(field)} ${issue.message}`;
}
