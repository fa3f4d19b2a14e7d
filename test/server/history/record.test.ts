/** What waits to be written: in order, all or counted, and bounded. */
import { expect, test } from "bun:test";
import { createRecorder } from "../../../server/history/record.ts";
import type { LogEntry, LogEvent } from "../../../shared/log.ts";
import { until } from "../../harness/until.ts";

const WHO = { id: "a-1", pid: 7, remoteAddress: "192.0.2.1", remotePort: 1024 };

function entry(seq: number, event: LogEvent): LogEntry {
  return { seq, at: 1000 + seq, event };
}

function said(seq: number, text = "hello"): LogEntry {
  return entry(seq, { event: "printed", text, ...WHO });
}

/** A keeper that writes only while `works` says so. */
function keeper() {
  const written: number[] = [];
  const troubles: (string | null)[] = [];
  const drops: number[] = [];
  let calls = 0;
  let answers: Promise<void> = Promise.resolve();
  const out = {
    async write(json: string) {
      calls += 1;
      await answers;
      written.push(...(JSON.parse(json) as LogEntry[]).map(({ seq }) => seq));
    },
    dropped: (entries: number) => void drops.push(entries),
    trouble: (why: string | null) => void troubles.push(why),
  };
  return {
    out,
    written,
    troubles,
    drops,
    calls: () => calls,
    answer(by: Promise<void>) {
      answers = by;
      by.catch(() => {});
    },
  };
}

test("what is logged together is written together, in its order", async () => {
  const { out, written, calls } = keeper();
  const record = createRecorder(out);
  for (let seq = 1; seq <= 100; seq += 1) record.take(said(seq));
  await until(() => written.length === 100, "all is written");
  expect(written).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
  expect(calls()).toBe(1);
});

test("what is of no session and of no operator is not kept", async () => {
  const { out, written } = keeper();
  const record = createRecorder(out);
  const refused = { remoteAddress: "192.0.2.1", remotePort: 1, detail: null };
  record.take(entry(1, { event: "refused", reason: "too many clients", ...refused }));
  record.take(entry(2, { event: "paused", reason: "no descriptor", ms: 100, by: null }));
  record.take(entry(3, { event: "paused", reason: "by hand", ms: null, by: "anna at ::1" }));
  record.take(entry(4, { event: "warning", message: "look" }));
  record.take(said(5));
  expect(await record.end()).toBe(0);
  expect(written).toEqual([3, 5]);
});

test("what could not be written is written later, once, and in its order", async () => {
  const { out, written, troubles, answer, calls } = keeper();
  const record = createRecorder(out);
  answer(Promise.reject(new Error("full")));
  record.take(said(1));
  await until(() => calls() === 1, "it is tried");
  record.take(said(2));
  await until(() => calls() === 2, "it is tried again");
  answer(Promise.resolve());
  await until(() => written.length === 2, "both are written");
  expect(written).toEqual([1, 2]);
  expect(troubles).toEqual(["full", "full", null, null]);
});

test("a keeper that never answers costs no more than a bounded memory; what operators did goes last", async () => {
  const { out, written, drops, answer, calls } = keeper();
  const record = createRecorder(out);
  const silence = Promise.withResolvers<void>();
  answer(silence.promise);
  record.take(
    entry(1, { event: "signal sent", signal: "KILL", by: "anna at ::1", job: null, ...WHO }),
  );
  await until(() => calls() === 1, "it hangs");
  record.take(entry(2, { event: "drain requested", ms: 1000, by: "anna at ::1" }));
  // 40 MB, in batches of 1,000 entries.
  const text = "x".repeat(1000);
  const last = 40_002;
  for (let seq = 3; seq <= last; seq += 1) record.take(said(seq, text));
  Bun.gc(true);
  const before = process.memoryUsage().heapUsed;
  const end = record.end(); // packs what was taken
  Bun.gc(true);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(20e6);
  silence.resolve();
  expect(await end).toBe(0);
  expect(written.slice(0, 2)).toEqual([1, 2]);
  expect(written.at(-1)).toBe(last);
  expect(written.length).toBeLessThan(20_000);
  expect(drops).toEqual([last - written.length]);
});
