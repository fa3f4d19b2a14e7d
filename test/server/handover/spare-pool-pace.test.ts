/** When spares are started, by a clock that the test moves. No real processes are started. */
import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { createSparePool } from "../../../server/handover/spare-pool.ts";
import type { ChildProcess } from "../../../server/handover/child-process.ts";
import type { ChildEvents, Spawner } from "../../../server/handover/spawn.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Counts the spares; with `broken` none can be started. */
function fakeSpawner(broken: boolean): Spawner & { started: ChildEvents[]; tries: number } {
  return {
    started: [],
    tries: 0,
    child: () => ({}) as ChildProcess,
    spare(events) {
      this.tries += 1;
      if (broken) throw new Error("EAGAIN");
      this.started.push(events);
      return { process: { pid: this.tries } as ChildProcess, handOverFd: -1 };
    },
    task: () => "{}",
  };
}

const noLog = () => {};

/** Lets `ms` pass while a client comes every 5 ms. */
function passUnderLoad(ms: number, onAccepted: () => void): void {
  for (let passed = 0; passed < ms; passed += 5) {
    jest.advanceTimersByTime(5);
    onAccepted();
  }
}

test("no spare is started before the pool is, and then one after the other", () => {
  const children = fakeSpawner(false);
  const spares = createSparePool(2, children, noLog);
  jest.advanceTimersByTime(1000);
  expect(children.tries).toBe(0);
  spares.start();
  jest.advanceTimersByTime(1000);
  expect(children.tries).toBe(1);
  children.started[0]?.message({ type: "ready" });
  jest.advanceTimersByTime(1000);
  expect(spares.list().map(({ state }) => state)).toEqual(["ready", "starting"]);
});

test("while clients keep coming few spares are started, but some are", () => {
  const children = fakeSpawner(false);
  const spares = createSparePool(100, children, noLog);
  spares.start();
  for (let i = 0; i < 20; i += 1) {
    passUnderLoad(100, spares.onAccepted);
    children.started.at(-1)?.message({ type: "ready" });
  }
  expect(children.tries).toBeWithin(4, 9);
});

test("while no spare can be started there are fewer and fewer tries, although clients keep coming", () => {
  const children = fakeSpawner(true);
  const logged: string[] = [];
  const spares = createSparePool(1, children, ({ event }) => logged.push(event));
  spares.start();
  passUnderLoad(20_000, spares.onAccepted);
  expect(children.tries).toBeWithin(3, 6);
  expect(logged).toHaveLength(children.tries);
});
