/** The live children, as JSON. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { type ChildJson, SORT_KEYS } from "../../shared/api.ts";
import type { Master } from "../../shared/master.ts";
import { sortedRows } from "../page/select-rows.ts";
import type { Row, Sampler } from "../page/sample.ts";
import { DEFAULT_VIEW } from "../page/view.ts";
import { isoTime, list, sessionFigures, sessionIdentity } from "./openapi/fields.ts";
import { lenient } from "./openapi/parameters.ts";
import { jsonResponse, responseSchema } from "./openapi/responses.ts";

export const childState = z.enum(["starting", "serving", "leaving"]);

const childSchema = responseSchema("Child", () =>
  z.object({
    ...sessionIdentity,
    uid: z.int().describe("The user ID that it was started with"),
    source: z.string(),
    state: childState,
    stopped: z.boolean().describe("It was sent STOP, whatever its state"),
    startedAt: isoTime,
    lastActiveAt: isoTime,
    ...sessionFigures,
    lastCommand: z.string().nullable().describe("Escaped"),
    below: z.string().nullable().describe("The processes below it, as a tree"),
    cpuPercent: z.number().nullable().describe("Of one processor, over the last few seconds"),
    privateBytes: z.int().nullable().describe("Memory that it shares with no other process"),
    residentBytes: z.int().nullable(),
  }),
);

const childrenRoute = createRoute({
  method: "get",
  path: "/api/children",
  summary: "The live children",
  request: {
    query: z.object({
      filter: lenient(
        z
          .string()
          .default("")
          .describe("Selects by PID, client, state or command, as the page does"),
      ),
      sort: lenient(z.enum(SORT_KEYS).default("since")),
      dir: lenient(z.enum(["asc", "desc"]).default("asc")),
    }),
  },
  responses: { 200: jsonResponse(list(childSchema), "Those that match, in that order") },
});

export function childrenApi(master: Master, sampler: Sampler): OpenAPIHono {
  const app = new OpenAPIHono();
  app.openapi(childrenRoute, (c) => {
    const { filter, sort, dir } = c.req.valid("query");
    const view = { ...DEFAULT_VIEW, filter, sort, descending: dir === "desc" };
    return c.json(sortedRows(currentRows(master, sampler), view).map(childJson), 200);
  });
  return app;
}

/** Up to this many children are read anew for every request. */
const MAX_READ_ALWAYS = 200;

/** The usage of a child that is in no sample yet. */
const NOT_SAMPLED = {
  cpuPercent: 0,
  privateBytes: -1,
  residentBytes: -1,
  processState: "?",
  below: null,
};

/**
 * All live children as they are now. If there are many, their usage may be two
 * seconds old, as on the page.
 */
function currentRows(master: Master, sampler: Sampler): readonly Row[] {
  if (master.status().live <= MAX_READ_ALWAYS) return sampler.current().rows;
  const sampled = new Map(sampler.recent().rows.map((row) => [row.id, row]));
  return master
    .snapshot()
    .children.map((child) => ({ ...NOT_SAMPLED, ...sampled.get(child.id), ...child }));
}

function childJson({ processState, cpuPercent, ...row }: Row): ChildJson {
  const isRead = processState !== "?";
  return {
    ...row,
    startedAt: new Date(row.startedAt).toISOString(),
    lastActiveAt: new Date(row.lastActiveAt).toISOString(),
    stopped: processState === "T",
    cpuPercent: isRead ? Math.round(cpuPercent * 10) / 10 : null,
    privateBytes: isRead ? row.privateBytes : null,
    residentBytes: isRead ? row.residentBytes : null,
  };
}
