/** The process tree, as JSON and as pstree prints it. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { TreeJson } from "../../shared/api.ts";
import { escapeBytes } from "../../shared/escape.ts";
import { growTree, type ProcessTree } from "../../shared/process-tree.ts";
import { pstree, pstreeText } from "../../shared/pstree.ts";
import type { Sampler } from "../page/sample.ts";
import { orNull } from "./openapi/fields.ts";
import { flag, lenient } from "./openapi/parameters.ts";
import { errorResponse, jsonResponse, responseSchema, textResponse } from "./openapi/responses.ts";

const treeSchema: z.ZodType<TreeJson> = responseSchema("Tree", () =>
  z.object({
    pid: z.int(),
    name: z.string(),
    id: z.string().nullable().describe("The ID of its session, if it is a live child"),
    children: z.array(z.lazy(() => treeSchema)).readonly(),
  }),
);

const scope = lenient(z.enum(["server", "host"]).default("server"));

const UNLISTED = "The processes cannot be listed";

const treeRoute = createRoute({
  method: "get",
  path: "/api/tree",
  summary: "The process tree",
  request: { query: z.object({ scope }) },
  responses: {
    200: jsonResponse(orNull(treeSchema), "The tree; null if its root has ended"),
    503: errorResponse(UNLISTED),
  },
});

const pstreeRoute = createRoute({
  method: "get",
  path: "/pstree",
  summary: "The process tree, as pstree -lT of psmisc prints it",
  request: {
    query: z.object({
      scope,
      pids: flag("Shows PIDs"),
      charset: lenient(z.enum(["ascii", "utf8"]).default("ascii")),
      compact: lenient(z.enum(["0", "1"]).default("1")),
    }),
  },
  responses: { 200: textResponse("The tree"), 503: textResponse(UNLISTED) },
});

export function treeApi(sampler: Sampler): OpenAPIHono {
  const app = new OpenAPIHono();

  app.openapi(treeRoute, (c) => {
    const { processes, rows, master } = sampler.current();
    if (processes instanceof Error) return c.json({ error: processes.message }, 503);
    const ids = new Map(rows.map(({ pid, id }) => [pid, id]));
    const tree = growTree(processes, rootOf(c.req.valid("query").scope, master.pid));
    return c.json(tree === null ? null : treeJson(tree, ids), 200);
  });

  app.openapi(pstreeRoute, (c) => {
    const { processes, master } = sampler.current();
    if (processes instanceof Error) return c.text(`${processes.message}\n`, 503);
    const { scope, charset, compact, pids } = c.req.valid("query");
    const style = { charset, compact: compact === "1", pids };
    return c.text(pstreeText(pstree(processes, rootOf(scope, master.pid), style)), 200);
  });

  return app;
}

function rootOf(scope: "server" | "host", masterPid: number) {
  return scope === "host" ? { scope } : { scope, pid: masterPid };
}

/** A loop, not a recursion: a chain of processes can be thousands long. */
function treeJson(top: ProcessTree, ids: ReadonlyMap<number, string>): TreeJson {
  const childless = ({ process: { pid, comm } }: ProcessTree) => {
    return { pid, name: escapeBytes(comm), id: ids.get(pid) ?? null, children: [] as TreeJson[] };
  };
  const json = childless(top);
  const unvisited = [{ node: top, json }];
  for (const { node, json: parent } of unvisited) {
    for (const child of node.children) {
      const childJson = childless(child);
      parent.children.push(childJson);
      unvisited.push({ node: child, json: childJson });
    }
  }
  return json;
}
