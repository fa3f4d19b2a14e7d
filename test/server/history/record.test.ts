/** Entries that wait to be written: in order, written or counted as lost, and bounded. */
import { expect, test } from "bun:test";
import { createRecorder } from "../../../server/history/record.ts";
import type { LogEntry, LogEvent } from "../../../shared/log.ts";
import { until } from "../../harness/until.ts";

const SESSION = { id: "a-1", pid: 7, remoteAddress: "192.0.2.1", remotePort: 1024 };

function entry(seq: number, event: LogEvent): LogEntry {
  return { seq, at: 1000 + seq, event };
}

function said(seq: number, text = "hello"): LogEntry {
  return entry(seq, { event: "printed", text, ...SESSION });
}

/** Makes a sink whose writes settle as the promise given to `answer` does. */
function fakeSink() {
  const written: number[] = [];
  const problems: (string | null)[] = [];
  const drops: number[] = [];
  let calls = 0;
  let result: Promise<void> = Promise.resolve();
  const out = {
    async write(json: string) {
      calls += 1;
      await result;
      written.push(...(JSON.parse(json) as LogEntry[]).map(({ seq }) => seq));
    },
    onDropped: (entries: number) => void drops.push(entries),
    onProblem: (reason: string | null) => void problems.push(reason),
  };
  return {
    out,
    written,
    problems,
    drops,
    calls: () => calls,
    answer(by: Promise<void>) {
      result = by;
      by.catch(() => {});
    },
  };
}

test("entries logged together are written together, in order", async () => {
  const { out, written, calls } = fakeSink();
  const record = createRecorder(out);
  for (let seq = 1; seq <= 100; seq += 1) record.take(said(seq));
  await until(() => written.length === 100, "all is written");
  expect(written).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
  expect(calls()).toBe(1);
});

test("entries about no session and no operator are not stored", async () => {
  const { out, written } = fakeSink();
  const record = createRecorder(out);
  const refused = { remoteAddress: "192.0.2.1", remotePort: 1, detail: null };
  record.take(entry(1, { event: "refused", reason: "too many clients", ...refused }));
  record.take(entry(2, { event: "paused", reason: "no descriptor", ms: 100, by: null }));
  record.take(entry(3, { event: "paused", reason: "by hand", ms: null, by: "anna at ::1" }));
  record.take(entry(4, { event: "warning", message: "careful" }));
  record.take(said(5));
  expect(await record.end()).toBe(0);
  expect(written).toEqual([3, 5]);
});

test("what could not be written is written later, once, and in order", async () => {
  const { out, written, problems, answer, calls } = fakeSink();
  const record = createRecorder(out);
  answer(Promise.reject(new Error("full")));
  record.take(said(1));
  await until(() => calls() === 1, "it is tried");
  record.take(said(2));
  await until(() => calls() === 2, "it is tried again");
  answer(Promise.resolve());
  await until(() => written.length === 2, "both are written");
  expect(written).toEqual([1, 2]);
  expect(problems).toEqual(["full", "full", null, null]);
});

test("a thread that never answers costs a bounded amount of memory; what operators did is dropped last", async () => {
  const { out, written, drops, answer, calls } = fakeSink();
  const record = createRecorder(out);
  const silence = Promise.withResolvers<void>();
  answer(silence.promise);
  record.take(
    entry(1, { event: "signal sent", signal: "KILL", by: "anna at ::1", job: null, ...SESSION }),
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
