/** The same for programs, as JSON. */
import { Hono } from "hono";
import type { ChildJson, MasterJson, SentJson, TreeJson } from "../../shared/api.ts";
import { escapeBytes } from "../../shared/escape.ts";
import { describeLimit } from "../../shared/limits.ts";
import { describe } from "../../shared/log.ts";
import type { Master, MasterStatus } from "../../shared/master.ts";
import { growTree, type ProcessTree } from "../../shared/process-tree.ts";
import { KILL_GRACE_MS, isSignal, SIGNALS } from "../../shared/signals.ts";
import { sortedRows } from "../page/select-rows.ts";
import { operatorOf } from "./operator.ts";
import type { Row, Sampler } from "../page/sample.ts";
import { parseView } from "../page/view.ts";

export function api(master: Master, sampler: Sampler): Hono {
  const app = new Hono();

  app.get("/master", (c) => c.json(masterJson(master.status())));

  app.get("/rooms", (c) => c.json(master.snapshot().rooms));

  app.get("/children", (c) => {
    const rows = sortedRows(rowsNow(master, sampler), parseView(c.req.queries()));
    return c.json(rows.map(childJson));
  });

  app.get("/tree", (c) => {
    const { processes, rows, master: status } = sampler.current();
    if (processes instanceof Error) return c.json({ error: processes.message }, 503);
    const { scope } = parseView(c.req.queries());
    const root = scope === "host" ? { scope } : { scope, pid: status.pid };
    const ids = new Map(rows.map(({ pid, id }) => [pid, id]));
    const tree = growTree(processes, root);
    return c.json(tree === null ? null : treeJson(tree, ids));
  });

  app.delete("/children/:id", async (c) => {
    const id = c.req.param("id");
    const signal = c.req.query("signal") ?? "TERM";
    if (!isSignal(signal)) {
      return c.json({ error: `signal is one of ${SIGNALS.join(", ")}` }, 400);
    }
    const graceMs = c.req.query("then") === "KILL" ? KILL_GRACE_MS : null;
    const result = master.kill(id, { signal, by: operatorOf(c), graceMs, job: null });
    switch (result.outcome) {
      case "unknown":
        return c.json({ error: "no such child" }, 404);
      case "gone":
        return c.json({ error: "this child has gone" }, 410);
      case "sent": {
        const sent: SentJson = { id, pid: result.child.pid, signal, sent: true };
        if (c.req.query("wait") !== "1") return c.json(sent, 202);
        return c.json({ ...sent, receipt: await result.receipt });
      }
    }
  });

  return app;
}

/** Of so many children all is looked at anew, whoever asks. */
const FEW = 200;

/** All live children as they are now; of many, what they use may be two seconds old, as on the page. */
function rowsNow(master: Master, sampler: Sampler): readonly Row[] {
  if (master.status().live <= FEW) return sampler.current().rows;
  const known = new Map(sampler.recent().rows.map((row) => [row.id, row]));
  return master
    .snapshot()
    .children.map((child) => ({ ...NOT_READ, ...known.get(child.id), ...child }));
}

/** What is told of a child that no sample has yet. */
const NOT_READ = {
  cpuPercent: 0,
  privateBytes: -1,
  residentBytes: -1,
  processState: "?",
  below: null,
};

function masterJson(status: MasterStatus): MasterJson {
  const { startedAt, until, refusals, limits, confinement, ...master } = status;
  return {
    ...master,
    limits: limits.map(({ name, value }) => ({ name, value: describeLimit(value) })),
    confinement: describe({ event: "confined", ...confinement }),
    startedAt: new Date(startedAt).toISOString(),
    until: until === null ? null : new Date(until).toISOString(),
    refusals: refusals.map(({ lastAt, ...refusal }) => ({
      ...refusal,
      lastAt: new Date(lastAt).toISOString(),
    })),
  };
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

/** A loop, not a recursion: a chain of processes can be thousands long. */
function treeJson(top: ProcessTree, ids: ReadonlyMap<number, string>): TreeJson {
  const begin = ({ process: { pid, comm } }: ProcessTree) => {
    return { pid, name: escapeBytes(comm), id: ids.get(pid) ?? null, children: [] as TreeJson[] };
  };
  const json = begin(top);
  const waiting = [{ node: top, json }];
  for (const { node, json } of waiting) {
    for (const child of node.children) {
      const below = begin(child);
      json.children.push(below);
      waiting.push({ node: child, json: below });
    }
  }
  return json;
}
