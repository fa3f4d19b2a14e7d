/** The history API: sessions by address, reason and time, their totals, and the audit log. */
import { describe, expect, test } from "bun:test";
import { HISTORY_REASONS } from "../../../shared/history.ts";
import { connect } from "../../harness/connect.ts";
import { type Server, startServer } from "../../harness/server.ts";
import { until, untilEqual } from "../../harness/until.ts";
import { connectServed } from "../../harness/served-client.ts";
import { request } from "../request.ts";

interface Session {
  id: string;
  remoteAddress: string;
  reason: string;
  startedAt: string;
  endedAt: string | null;
}

type Found = { sessions: Session[]; next: string | null };

async function ask<T = Found>(server: Server, query = ""): Promise<T> {
  const { status, headers, text } = await request(server, `api/history${query}`);
  expect([query, status, text.slice(0, 200)]).toEqual([query, 200, text.slice(0, 200)]);
  expect(headers.get("cache-control")).toBe("no-store");
  return JSON.parse(text) as T;
}

async function idsOf(server: Server, query: string): Promise<string[]> {
  return (await ask(server, query)).sessions.map(({ id }) => id);
}

/** Connects from that address, then quits or disconnects. */
async function visit(server: Server, from: string, how: "quit" | "left"): Promise<void> {
  await using client = await connect(server.port, { from });
  await client.send("time");
  await client.read(19);
  if (how === "quit") {
    await client.send("quit\n");
    await client.readToEnd();
  }
}

/** Waits until the history has this many ended sessions. Returns their IDs. */
async function settled(server: Server, count: number): Promise<string[]> {
  await until(() => server.events("ended").length === count, "all sessions end");
  await until(
    async () =>
      (await ask(server, "?limit=1000")).sessions.filter(({ endedAt }) => endedAt).length === count,
    "the history has them all",
  );
  return server.events("ended").map(({ id }) => id);
}

describe("a search", () => {
  test("finds sessions by part of the address, by reason, by time, and by all of them", async () => {
    await using server = await startServer();
    await visit(server, "127.1.1.1", "quit");
    await visit(server, "127.1.1.2", "left");
    await visit(server, "127.2.1.1", "quit");
    await using live = await connectServed(server);
    await settled(server, 3);
    const [first = "", second = "", third = ""] = server.events("accepted").map(({ id }) => id);

    expect(await idsOf(server, "")).toEqual([live.id, third, second, first]);
    expect(await idsOf(server, "?address=127.1.")).toEqual([second, first]);
    expect(await idsOf(server, `?address=:${live.client.port}`)).toEqual([live.id]);
    expect(await idsOf(server, "?address=%25")).toEqual([]);
    expect(await idsOf(server, "?reason=quit")).toEqual([third, first]);
    expect(await idsOf(server, "?reason=client+left")).toEqual([second]);
    expect(await idsOf(server, "?reason=live")).toEqual([live.id]);
    expect(await idsOf(server, "?address=127.1.&reason=quit&limit=5&from=&to=")).toEqual([first]);

    const { sessions } = await ask(server);
    const at = (id: string) => sessions.find((session) => session.id === id)?.startedAt ?? "";
    const ms = Date.parse(at(second));
    expect(await idsOf(server, `?from=${ms}`)).toEqual([live.id, third, second]);
    expect(await idsOf(server, `?to=${encodeURIComponent(at(second))}`)).toEqual([first]);
    expect(await idsOf(server, `?from=${ms}&to=${at(third)}`)).toEqual([second]);
    // Without a zone, the server's own applies.
    expect(await idsOf(server, "?from=2001-01-01T00:00&to=2999-12-31")).toHaveLength(4);
  });

  test("continues page by page, whatever sessions are added meanwhile", async () => {
    await using server = await startServer();
    for (let i = 0; i < 7; i += 1) await visit(server, "127.0.0.1", "quit");
    const ids = (await settled(server, 7)).sort(byNumber).reverse();
    const pages: string[][] = [];
    let next: string | null = "";
    while (next !== null) {
      const found: Found = await ask(server, `?limit=3${next === "" ? "" : `&after=${next}`}`);
      pages.push(found.sessions.map(({ id }) => id));
      next = found.next;
      await visit(server, "127.0.0.1", "quit");
    }
    expect(pages).toEqual([ids.slice(0, 3), ids.slice(3, 6), ids.slice(6)]);
  });

  test("with an invalid parameter is refused with a sentence that says what is valid", async () => {
    await using server = await startServer();
    for (const [query, wrong] of [
      ["?reason=bored", `reason must be one of ${HISTORY_REASONS.join(", ")}`],
      ["?reason=QUIT", "reason must be one of"],
      ["?from=yesterday", "from must be a time such as"],
      ["?to=2026-13-01", "to must be a time such as"],
      ["?to=2026-01-01T25:00Z", "to must be a time such as"],
      ["?from=-1", "from must be a time such as"],
      ["?limit=0", "limit must be a number from 1 to 1000"],
      ["?limit=1001", "limit must be a number from 1 to 1000"],
      ["?limit=many", "limit must be a number from 1 to 1000"],
      ["?after=1", "after must be the `next` of an earlier response"],
      ["?after=1-2;DROP", "after must be the `next` of an earlier response"],
      ["/totals?reason=bored", "reason must be one of"],
    ]) {
      const { status, text } = await request(server, `api/history${query}`);
      expect([query, status]).toEqual([query, 400]);
      expect((JSON.parse(text) as { error: string }).error).toStartWith(wrong ?? "");
    }
    for (const query of ["?before=x", "?limit=-1"]) {
      expect((await request(server, `api/audit${query}`)).status).toBe(400);
    }
    for (const id of ["x", "a-1", "' OR 1", "%00"]) {
      const { status, text } = await request(server, `api/history/${encodeURIComponent(id)}`);
      expect([status, JSON.parse(text)]).toEqual([
        404,
        { error: "no such session, or it has been deleted" },
      ]);
    }
    // A quote in the address is searched for, not interpreted.
    expect(await idsOf(server, `?address=${encodeURIComponent("' OR 1=1 --")}`)).toEqual([]);
  });
});

function byNumber(a: string, b: string): number {
  return Number(a.split("-")[1]) - Number(b.split("-")[1]);
}

test("totals count the same sessions as the search", async () => {
  await using server = await startServer({ source: "24,64" });
  for (const from of ["127.1.1.1", "127.1.1.2", "127.1.1.3"]) await visit(server, from, "quit");
  await visit(server, "127.2.1.1", "left");
  await settled(server, 4);
  expect(await ask<unknown>(server, "/totals")).toEqual({
    sessions: 4,
    reasons: [
      { reason: "quit", count: 3 },
      { reason: "client left", count: 1 },
    ],
    sources: [
      { source: "127.1.1.0/24", count: 3, bytesIn: 3 * 9, bytesOut: 3 * 24 },
      { source: "127.2.1.0/24", count: 1, bytesIn: 4, bytesOut: 19 },
    ],
  });
  expect(await ask<unknown>(server, "/totals?reason=client+left")).toMatchObject({
    sessions: 1,
    sources: [{ source: "127.2.1.0/24", count: 1 }],
  });
});

describe("the audit", () => {
  type Audit = {
    entries: { seq: number; by: string; text: string; id: string | null }[];
    next: number | null;
  };

  async function audit(server: Server, query = "", headers = {}): Promise<Audit> {
    const { status, text } = await request(server, `api/audit${query}`, { headers });
    expect(status).toBe(200);
    return JSON.parse(text) as Audit;
  }

  test("has what each operator did to which session, and nothing that the master did by itself", async () => {
    await using server = await startServer({
      dashboardPassword: "secret",
      maxSession: "5s",
      service: "echo",
    });
    const headers = { authorization: `Basic ${btoa("anna:secret")}` };
    await using killed = await connectServed(server);
    await request(server, `api/children/${killed.id}?signal=KILL`, { method: "DELETE", headers });
    await server.event("signal outcome");
    await request(server, "api/pause", { method: "POST", headers });
    await request(server, "api/resume", { method: "POST", headers });
    // The master ends this one: it is stopped, and so misses its deadline.
    await using stuck = await connectServed(server);
    await stuck.freeze();
    await server.event("signal sent", ({ by }) => by === "the master");
    server.signal("SIGHUP");
    await server.event("reloaded");

    const { by } = await server.event("paused");
    expect(by).toStartWith("anna at ");
    const shown = async () =>
      (await audit(server, "", headers)).entries.map((entry) => [
        entry.by,
        entry.text.split(/[ :,]/)[0],
        entry.id,
      ]);
    await untilEqual(shown, [
      ["SIGHUP", "options", null],
      [by, "accepting", null],
      [by, "accepting", null],
      [by, "KILL", killed.id],
      [by, "KILL", killed.id],
    ] as never);
    stuck.client.close();
  });

  test("continues page by page, even among entries of the same moment", async () => {
    await using server = await startServer();
    await using served = await connectServed(server);
    for (let i = 0; i < 5; i += 1) {
      await request(server, `api/children/${served.id}?signal=CONT`, { method: "DELETE" });
    }
    await until(async () => (await audit(server)).entries.length >= 10, "all are written");
    const all = (await audit(server)).entries.map(({ seq }) => seq);
    const pages: number[] = [];
    let next: number | null = 0;
    while (next !== null) {
      const found: Audit = await audit(server, `?limit=3${next === 0 ? "" : `&before=${next}`}`);
      pages.push(...found.entries.map(({ seq }) => seq));
      next = found.next;
    }
    expect(pages).toEqual(all);
  });
});
