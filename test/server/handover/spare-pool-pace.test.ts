/** When spares are begun, by a clock that the test moves: what is started here is no process. */
import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { createSparePool } from "../../../server/handover/spare-pool.ts";
import type { ChildEvents, ChildProcess, Spawner } from "../../../server/handover/spawn.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Counts what is started; with `broken` nothing can be. */
function spawner(broken: boolean): Spawner & { started: ChildEvents[]; tries: number } {
  return {
    started: [],
    tries: 0,
    child: () => ({}) as ChildProcess,
    spare(events) {
      this.tries += 1;
      if (broken) throw new Error("EAGAIN");
      this.started.push(events);
      return { process: { pid: this.tries } as ChildProcess, over: -1 };
    },
    task: () => "{}",
  };
}

const noLog = () => {};

/** Lets time (ms) pass while a client comes each 5 ms. */
function underLoad(ms: number, clientCame: () => void): void {
  for (let passed = 0; passed < ms; passed += 5) {
    jest.advanceTimersByTime(5);
    clientCame();
  }
}

test("none is begun before the start, and then one after the other", () => {
  const children = spawner(false);
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

test("while clients keep coming few are begun, but some are", () => {
  const children = spawner(false);
  const spares = createSparePool(100, children, noLog);
  spares.start();
  for (let i = 0; i < 20; i += 1) {
    underLoad(100, spares.clientCame);
    children.started.at(-1)?.message({ type: "ready" });
  }
  expect(children.tries).toBeWithin(4, 9);
});

test("where none can be started the tries become few, although clients keep coming", () => {
  const children = spawner(true);
  const said: string[] = [];
  const spares = createSparePool(1, children, ({ event }) => said.push(event));
  spares.start();
  underLoad(20_000, spares.clientCame);
  expect(children.tries).toBeWithin(3, 6);
  expect(said).toHaveLength(children.tries);
});
