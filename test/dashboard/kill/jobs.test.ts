/** Jobs over the API: exactly the chosen children get the signal, and each outcome is reported. */
import { expect, test } from "bun:test";
import { isRunning } from "../../harness/processes.ts";
import { type Server, startServer } from "../../harness/server.ts";
import { until } from "../../harness/until.ts";
import { connectServed, connectManyServed } from "../../harness/served-client.ts";
import { request } from "../request.ts";

async function startJob(server: Server, body: unknown): Promise<[number, Record<string, unknown>]> {
  const answer = await request(server, "api/kills", {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return [answer.status, JSON.parse(answer.text)];
}

interface JobDetails {
  total: number;
  waiting: number;
  open: number;
  outcomes: Record<string, number>;
  endedAt: string | null;
  children: { id: string; outcome: string; sent: string[] }[];
}

async function jobOf(server: Server, job: unknown): Promise<JobDetails> {
  const { status, text } = await request(server, `api/kills/${String(job)}`);
  expect(status).toBe(200);
  return JSON.parse(text) as JobDetails;
}

async function untilDone(server: Server, job: unknown): Promise<JobDetails> {
  let details = await jobOf(server, job);
  await until(
    async () => {
      details = await jobOf(server, job);
      expect(details.waiting + details.open + sum(details.outcomes)).toBe(details.total);
      return details.endedAt !== null;
    },
    () => `the job ends; now it is ${JSON.stringify(details)}`,
  );
  return details;
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((a, b) => a + b, 0);
}

test("a job by IDs signals exactly those children, and counts those that have already ended", async () => {
  await using server = await startServer();
  await using servedClients = await connectManyServed(server, 6);
  const [first, second, third, fourth, fifth, left] = servedClients.all.map((served) => served);
  if (!first || !second || !third || !fourth || !fifth || !left) throw new Error("six clients");
  await left.quit();
  await server.event("ended");
  const ids = [first.id, second.id, third.id, left.id];
  const [status, { job, count, alreadyEnded }] = await startJob(server, { ids });
  expect([status, count, alreadyEnded]).toEqual([202, 3, 1]);

  const details = await untilDone(server, job);
  expect(details.outcomes).toMatchObject({ gone: 3, "already ended": 1, "still there": 0 });
  expect(details.children.map(({ id }) => id).sort()).toEqual(
    [first.id, second.id, third.id].sort(),
  );
  for (const served of [first, second, third]) {
    expect(await served.client.readToEnd()).toEqual({ text: "", end: "clean" });
    expect(isRunning(served.pid)).toBe(false);
  }
  await fourth.askTime();
  await fifth.askTime();
  await server.event("signal sent", ({ id }) => id === third.id);
  expect(server.events("signal sent").map(({ id }) => id)).toEqual([first.id, second.id, third.id]);
  expect(server.events("kill requested")).toEqual([
    expect.objectContaining({
      signal: "TERM",
      count: 3,
      selection: "by their IDs",
      by: "operator at 127.0.0.1",
    }),
  ]);
  // The audit log has one entry for the job, not one for each of what may be thousands of signals.
  await until(async () => {
    const { text } = await request(server, "api/audit");
    const { entries } = JSON.parse(text) as { entries: { event: object }[] };
    expect(entries.map(({ event }) => event)).toEqual(
      entries.map(() => expect.objectContaining({ event: "kill requested", job })),
    );
    return entries.length === 1;
  }, "the job is in the audit log");
  const list = JSON.parse((await request(server, "api/kills")).text) as unknown[];
  expect(list).toEqual([expect.objectContaining({ job, total: 4 })]);
});

test("by filter and source: a dry run counts the children, and `expect` must match", async () => {
  await using server = await startServer();
  await using here = await connectServed(server);
  await using there = await connectServed(server, { from: "127.0.0.9" });
  await using alsoThere = await connectServed(server, { from: "127.0.0.9" });
  const dryRun = true;
  const all = await startJob(server, { filter: "", dryRun });
  expect(all).toMatchObject([200, { count: 3, alreadyEnded: 0 }]);
  expect(all[1].sources).toEqual([
    { source: "127.0.0.9", count: 2 },
    { source: "127.0.0.1", count: 1 },
  ]);
  expect(await startJob(server, { source: "127.0.0.9", dryRun })).toMatchObject([
    200,
    { count: 2 },
  ]);
  const both = { source: "127.0.0.9", filter: String(there.client.port) };
  expect(await startJob(server, { ...both, dryRun })).toMatchObject([
    200,
    { count: 1, children: [{ id: there.id, pid: there.pid, remoteAddress: "127.0.0.9" }] },
  ]);
  expect(await startJob(server, { source: "127.0.0.9", expect: 3 })).toMatchObject([
    409,
    { count: 2 },
  ]);
  expect(server.events("kill requested")).toEqual([]);

  const [status, { job }] = await startJob(server, {
    source: "127.0.0.9",
    expect: 2,
    signal: "KILL",
  });
  expect(status).toBe(202);
  expect((await untilDone(server, job)).outcomes).toMatchObject({ gone: 2 });
  expect(await alsoThere.client.readToEnd()).toMatchObject({ text: "" });
  await here.askTime();
  expect(await server.event("kill requested")).toMatchObject({ selection: "source 127.0.0.9" });
  expect(await startJob(server, { source: "127.0.0.9" })).toMatchObject([410, { alreadyEnded: 0 }]);
});

test("children that outlive the signal get KILL, and are listed first", async () => {
  await using server = await startServer();
  await using willing = await connectServed(server);
  await using deaf = await connectServed(server);
  await deaf.freeze();
  const [, { job }] = await startJob(server, '{ "filter": "", "then": "KILL" }');
  const meanwhile = await until(async () => {
    const details = await jobOf(server, job);
    return details.outcomes.gone === 1 && details.waiting === 0 && details;
  }, "both get TERM, and the willing one is gone");
  expect(meanwhile).toMatchObject({ open: 1, endedAt: null });
  const details = await untilDone(server, job);
  expect(details.children).toMatchObject([
    { id: deaf.id, outcome: "gone", sent: ["TERM", "KILL"] },
    { id: willing.id, outcome: "gone", sent: ["TERM"] },
  ]);
});

test("without KILL a child that outlives the signal is reported as still there", async () => {
  await using server = await startServer();
  await using willing = await connectServed(server);
  await using deaf = await connectServed(server);
  await deaf.freeze();
  const [, { job }] = await startJob(server, { ids: [willing.id, deaf.id] });
  const details = await untilDone(server, job);
  expect(details.outcomes).toMatchObject({ gone: 1, "still there": 1 });
  expect(details.children[0]).toMatchObject({ id: deaf.id, outcome: "still there" });
  process.kill(deaf.pid, "SIGKILL");
});

test("STOP and CONT can be sent to many", async () => {
  await using server = await startServer();
  await using servedClients = await connectManyServed(server, 3);
  const stop = await startJob(server, { filter: "serving", signal: "STOP" });
  expect((await untilDone(server, stop[1].job)).outcomes).toMatchObject({ stopped: 3 });
  // A filter sees /proc as it was last read.
  const stopped = { filter: "stopped", signal: "CONT" };
  await until(
    async () => (await startJob(server, { ...stopped, dryRun: true }))[1].count === 3,
    "all three are seen to be stopped",
  );
  const go = await startJob(server, stopped);
  expect((await untilDone(server, go[1].job)).outcomes).toMatchObject({ running: 3 });
  for (const served of servedClients.all) await served.askTime();
});

test("an invalid request sends nothing and says why", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  const wrong: [unknown, number, string][] = [
    ["", 400, "the body must be one JSON object"],
    ["[]", 400, "the body must be one JSON object"],
    [{}, 400, "choose the children either by ids, or by filter, source or both"],
    [{ ids: [served.id], filter: "" }, 400, "choose the children either by ids"],
    [{ filter: "", dryrun: true }, 400, 'there is no field "dryrun"'],
    [
      { filter: "", signal: "SIGKILL" },
      400,
      "signal must be one of TERM, INT, HUP, KILL, STOP, CONT",
    ],
    ['{ "filter": "", "then": "TERM" }', 400, "then must be KILL"],
    [{ filter: "", expect: "1" }, 400, "expect must be a number of children"],
    [{ filter: "", expect: -1 }, 400, "expect must be a number of children"],
    [{ filter: 1 }, 400, "filter must be a string"],
    [{ ids: served.id }, 400, "ids must be a list of session IDs"],
    [{ ids: [served.pid] }, 400, "ids must be a list of session IDs"],
    [{ ids: [served.id, `${served.id}0`] }, 404, "some of these IDs belong to no child"],
    [{ filter: "nobody" }, 410, "no live child matches"],
  ];
  for (const [body, status, error] of wrong) {
    const response = await startJob(server, body);
    expect([body, response[0], response[1].error]).toEqual([
      body,
      status,
      expect.stringContaining(error),
    ]);
  }
  expect((await request(server, "api/kills/1")).status).toBe(404);
  expect(server.events("signal sent")).toEqual([]);
  expect(server.events("kill requested")).toEqual([]);
  await served.askTime();
});

test("a viewer who may only watch starts no job, and the size of a list of IDs is limited", async () => {
  await using server = await startServer({}, { env: { BROOD_DASHBOARD_READONLY: "true" } });
  const init = { method: "POST", body: JSON.stringify({ filter: "" }) };
  expect((await request(server, "api/kills", init)).status).toBe(403);
  await server.stop();

  await using other = await startServer();
  const ids = Array.from({ length: 5000 }, (_, index) => `lx3k9-${index + 1_000_000}`);
  expect(await startJob(other, { ids })).toMatchObject([404, {}]);
  const endless = await request(other, "api/kills", { method: "POST", body: " ".repeat(300_000) });
  expect(endless.status).toBe(413);
  const small = await request(other, "children/x/kill", { method: "POST", body: "x".repeat(2000) });
  expect(small.status).toBe(413);
});
