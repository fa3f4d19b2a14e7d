/**
 * The life of one spare, a child that is started before its client:
 *
 *     starting → ready → taken → released
 *         ↘        ↘       ↘
 *                   ended
 *
 * It is in the pool while it is starting or ready; released, it belongs to
 * the hand-over of its client.
 */
import { closeSync } from "node:fs";
import { parseChildMessage } from "../channel/messages.ts";
import type { ChildProcess } from "./child-process.ts";
import type { ChildEvents, Spawner } from "./spawn.ts";

/** A spare that is taken out of the pool for a client. */
export interface Spare {
  readonly process: ChildProcess;
  /**
   * The Unix socket over which it takes its client. It is closed when the spare
   * ends, unless it was released.
   */
  readonly handOverFd: number;
  /** From now on the process's events go to `events`, and the caller owns `handOverFd`. */
  release(events: ChildEvents): void;
}

export interface PooledSpare extends Spare {
  readonly state: SpareState;
  /** When it was started, in ms since the epoch. */
  readonly startedAt: number;
  /** Marks it as taken for a client: it must be ready. */
  take(): void;
}

/** What a spare reports to its pool. */
export interface SpareEvents {
  ready(): void;
  /** It has been reaped, and was not released. `error`: what it reported as the reason. */
  ended(
    spare: PooledSpare,
    exitCode: number | null,
    signal: string | null,
    error: string | null,
  ): void;
}

export type SpareState = "starting" | "ready" | "taken" | "released" | "ended";

type SpareEvent = "ready" | "take" | "release" | "exit";

const TRANSITIONS: Record<SpareState, Partial<Record<SpareEvent, SpareState>>> = {
  starting: { ready: "ready", exit: "ended" },
  ready: { take: "taken", exit: "ended" },
  taken: { release: "released", exit: "ended" },
  released: {},
  ended: {},
};

/** Returns the state that follows. @throws if `event` cannot happen in `state` */
function next(state: SpareState, event: SpareEvent): SpareState {
  const following = TRANSITIONS[state][event];
  if (following === undefined) throw new Error(`a spare that is ${state} gets "${event}"`);
  return following;
}

/** A spare that takes longer to start is stuck, and is killed. */
const START_TIMEOUT_MS = 10_000;

/** Starts a spare. @throws what `Spawner.spare` throws */
export function startSpare(spawner: Spawner, events: SpareEvents): PooledSpare {
  const relay = createRelay();
  const { process, handOverFd } = spawner.spare(relay.events);
  const timeout = setTimeout(() => process.kill("KILL"), START_TIMEOUT_MS);
  let state: SpareState = "starting";
  let failure: string | null = null;

  const spare: PooledSpare = {
    process,
    handOverFd,
    startedAt: Date.now(),
    get state() {
      return state;
    },
    take() {
      state = next(state, "take");
    },
    release(released) {
      state = next(state, "release");
      relay.forwardTo(released);
    },
  };
  relay.forwardTo({
    message(value) {
      const message = parseChildMessage(value);
      if (message?.type === "failed") failure ??= message.error;
      if (state !== "starting" || message?.type !== "ready") return;
      state = next(state, "ready");
      clearTimeout(timeout);
      events.ready();
    },
    misbehaved: () => process.kill("KILL"),
    exited(exitCode, signal) {
      state = next(state, "exit");
      clearTimeout(timeout);
      closeSync(handOverFd);
      events.ended(spare, exitCode, signal, failure);
    },
  });
  return spare;
}

/**
 * Passes a process's events on to their current target. None comes before the
 * next turn of the event loop.
 */
function createRelay(): { events: ChildEvents; forwardTo(events: ChildEvents): void } {
  let target: ChildEvents | undefined;
  return {
    events: {
      message: (message) => target?.message(message),
      misbehaved: (offence) => target?.misbehaved(offence),
      exited: (...exit) => target?.exited(...exit),
    },
    forwardTo(events) {
      target = events;
    },
  };
}
