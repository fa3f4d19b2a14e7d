/**
 * What the pause does to the listener and the log. That descriptors really run
 * out: master/faults.test.ts.
 */
import { expect, test } from "bun:test";
import type { Listener } from "../../../server/accept/accept.ts";
import { createPause } from "../../../server/accept/pause.ts";
import type { LogEvent } from "../../../shared/log.ts";
import { until } from "../../harness/until.ts";

/** A pause of a listener that records what it is asked to do, and fails where `fails` says so. */
function startPause(fails: Partial<Record<"pause" | "resume", boolean>> = {}) {
  const calls: string[] = [];
  const logged: LogEvent[] = [];
  const record = (name: "pause" | "resume") => () => {
    if (fails[name]) throw new Error(`cannot ${name}`);
    calls.push(name);
  };
  const listener: Listener = {
    port: 1,
    pause: record("pause"),
    resume: record("resume"),
    stop: () => void calls.push("stop"),
  };
  const pause = createPause(listener, (event) => logged.push(event));
  return { pause, calls, logged, fails, [Symbol.dispose]: pause.stop };
}

test("when descriptors run out it pauses once, and resumes once there are some", async () => {
  using started = startPause();
  const { pause, calls, logged } = started;
  for (let i = 0; i < 3; i += 1) pause.onExhausted();
  expect(pause.status()).toEqual({ state: "paused", until: expect.any(Number), pausedBy: null });
  await until(() => logged.length === 2, "it has resumed");
  expect(calls).toEqual(["pause", "resume"]);
  expect(logged).toMatchObject([
    { event: "paused", reason: "out of descriptors (ulimit -n)", ms: 1000, by: null },
    { event: "resumed", by: null },
  ]);
  expect(pause.status()).toEqual({ state: "accepting", until: null, pausedBy: null });
});

test("an operator who resumes without descriptors is logged when there are some", async () => {
  using started = startPause();
  const { pause, calls, logged } = started;
  expect(pause.pause("anna")).toBeNull();
  pause.onExhausted();
  expect(pause.resume("ben")).toBeNull();
  expect(calls).toEqual(["pause"]);
  await until(() => logged.length === 2, "it has resumed");
  expect(calls).toEqual(["pause", "resume"]);
  expect(logged).toMatchObject([
    { event: "paused", reason: "by anna", ms: null, by: "anna" },
    { event: "resumed", by: "ben" },
  ]);
});

test("a listener that cannot be paused is one warning, and accepts all along", async () => {
  using started = startPause({ pause: true });
  const { pause, calls, logged } = started;
  for (let i = 0; i < 3; i += 1) pause.onExhausted();
  expect(pause.status()).toMatchObject({ state: "accepting", until: expect.any(Number) });
  expect(pause.pause("anna")).toEqual(new Error("cannot pause"));
  expect(pause.status()).toMatchObject({ state: "accepting", pausedBy: null });
  await until(() => pause.status().until === null, "there are descriptors");
  expect(calls).toEqual([]);
  expect(logged).toEqual([
    {
      event: "warning",
      message:
        "out of descriptors (ulimit -n), and accepting cannot be paused: Error: cannot pause",
    },
  ]);
});

test("a listener that cannot be resumed stays paused and is tried again", async () => {
  using started = startPause({ resume: true });
  const { pause, calls, logged, fails } = started;
  expect(pause.pause("anna")).toBeNull();
  expect(pause.resume("ben")).toEqual(new Error("cannot resume"));
  expect(pause.status()).toEqual({ state: "paused", until: null, pausedBy: "anna" });
  pause.onExhausted();
  expect(pause.resume("ben")).toBeNull();
  await until(() => logged.length === 2, "it was tried");
  expect(pause.status()).toMatchObject({ state: "paused", until: expect.any(Number) });
  fails.resume = false;
  await until(() => logged.length === 3, "it has resumed");
  expect(calls).toEqual(["pause", "resume"]);
  expect(logged.slice(1)).toMatchObject([
    { event: "warning", message: expect.stringContaining("accepting cannot be resumed") },
    { event: "resumed", by: "ben" },
  ]);
});
