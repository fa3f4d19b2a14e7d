/**
 * How a job runs: a few signals at a time, so that others get the thread, until it is cancelled.
 */
import { expect, test } from "bun:test";
import type { Job } from "../../../dashboard/kill/job.ts";
import { createKillJobs } from "../../../dashboard/kill/jobs.ts";
import type { Child, KillResult, Master } from "../../../shared/master.ts";
import { until } from "../../harness/until.ts";
import type { Receipt } from "../../../shared/outcome.ts";

const CHILD: Omit<Child, "id" | "pid"> = {
  uid: 1,
  state: "serving",
  remoteAddress: "127.0.0.1",
  remotePort: 5,
  startedAt: 1,
  lastActiveAt: 1,
  source: "127.0.0.1",
  servingMs: 1,
  firstReplyMs: 1,
  bytesIn: 0,
  bytesOut: 0,
  requests: 0,
  lastCommand: null,
};

function childrenOf(count: number): Child[] {
  return Array.from({ length: count }, (_, i) => ({ ...CHILD, id: `a-${i + 1}`, pid: i + 1 }));
}

/** A master whose children answer with `receipt`. Each signal takes it a millisecond. */
function masterOf(receipt: (child: Child) => Promise<Receipt> | null, children: readonly Child[]) {
  const sent: string[] = [];
  const logged: Parameters<Master["logBulkKill"]>[0][] = [];
  const byId = new Map(children.map((child) => [child.id, child]));
  const master: Pick<Master, "instance" | "kill" | "logBulkKill"> = {
    instance: "a",
    logBulkKill: (event) => void logged.push(event),
    kill(id): KillResult {
      const end = performance.now() + 1;
      while (performance.now() < end);
      sent.push(id);
      const child = byId.get(id);
      const answer = child === undefined ? null : receipt(child);
      if (child === undefined || answer === null) return { outcome: "already ended" };
      return { outcome: "sent", child, receipt: answer };
    },
  };
  return { kills: createKillJobs(master), sent, logged };
}

function bulkKill(children: readonly Child[]) {
  return {
    children,
    alreadyEnded: 0,
    signal: "TERM",
    by: "anna",
    graceMs: null,
    selection: "all",
  } as const;
}

async function done(job: Job | null): Promise<Job> {
  if (job === null) throw new Error("no job");
  await until(() => job.endedAt !== null, "the job ends");
  return job;
}

const GONE: Receipt = { by: "anna", sent: ["TERM"], outcome: "gone", ms: 1, leftovers: 0 };

test("others get the thread between bursts, and a cancelled job sends nothing more", async () => {
  const children = childrenOf(200);
  const { kills, sent, logged } = masterOf(async () => GONE, children);
  const job = kills.start(bulkKill(children));
  if (job === null) throw new Error("no job");
  const firstBurst = sent.length;
  expect(firstBurst).toBeLessThan(50);
  await until(() => sent.length > firstBurst, "it continues by itself");
  expect(job.waiting).toBeGreaterThan(0);
  kills.cancel(job, "ben");
  const { waiting, outcomes, total } = await done(job);
  expect(job.cancelledBy).toBe("ben");
  expect(sent).toEqual(children.slice(0, sent.length).map(({ id }) => id));
  expect([waiting + sent.length, outcomes.gone]).toEqual([total, sent.length]);
  kills.cancel(job, "carl");
  expect(job.cancelledBy).toBe("ben");
  const event = { job: job.id, signal: "TERM", selection: "all" } as const;
  expect(logged).toEqual([
    { event: "kill requested", ...event, count: 200, by: "anna" },
    { event: "kill cancelled", ...event, count: waiting, by: "ben" },
  ]);
});

test("the worst of many outcomes are listed, and all are counted", async () => {
  const children = childrenOf(450);
  const { kills } = masterOf((child) => {
    if (child.pid === 100) return null;
    if (child.pid % 200 === 0) return Promise.resolve({ ...GONE, outcome: "still there" });
    return Promise.resolve({ ...GONE, ms: child.pid });
  }, children);
  const job = await done(kills.start(bulkKill(children)));
  expect(job.outcomes).toMatchObject({ gone: 447, "already ended": 1, "still there": 2 });
  const outcomes = job.worstOutcomes();
  expect(outcomes).toHaveLength(200);
  expect(outcomes.slice(0, 4).map(({ child }) => child.pid)).toEqual([200, 400, 450, 449]);
});

test("a few jobs may run at once, and the newest that have ended can be looked up", async () => {
  const children = childrenOf(1);
  const answer = Promise.withResolvers<Receipt>();
  const { kills } = masterOf(() => answer.promise, children);
  const jobs = Array.from({ length: 4 }, () => kills.start(bulkKill(children)));
  expect(kills.start(bulkKill(children))).toBeNull();
  answer.resolve(GONE);
  const [first] = await Promise.all(jobs.map(done));
  for (let i = 0; i < 16; i += 1) await done(kills.start(bulkKill(children)));
  expect(kills.list()).toHaveLength(16);
  expect(kills.list()[0]?.id).toBe("a-20");
  expect(kills.find(first?.id ?? "")).toBeUndefined();
});
