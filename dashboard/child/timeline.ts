/** The life of a child in steps, from the record and the log of its session. */
import type { SessionRecord } from "../../shared/history.ts";
import type { LogEntry, LogEvent } from "../../shared/log.ts";

type Of<Name extends LogEvent["event"]> = Extract<LogEvent, { event: Name }>;

/** The log events that are steps of the timeline. */
type StepEvent =
  Of<"spawned"> | Of<"overdue"> | Of<"failed"> | Of<"signal sent"> | Of<"signal outcome">;

/** Of a child that is sent signals all day, only the first and the last steps are shown. */
const MAX_LOGGED_STEPS = 40;

export type TimelineEvent =
  | { step: "accepted" }
  | { step: "serving" }
  | { step: "first reply" }
  | { step: "logged"; event: StepEvent }
  | { step: "ended"; reason: SessionRecord["reason"] }
  | { step: "lost" };

export type TimelineStep = TimelineEvent & {
  /** Milliseconds since the epoch. */
  at: number;
  sinceAcceptedMs: number;
  /** Null for the first step. */
  sincePreviousMs: number | null;
};

/** Returns the steps in their order, ending with the end of the session. */
export function timeline(session: SessionRecord, log: readonly LogEntry[]): TimelineStep[] {
  const { startedAt, servingMs, firstReplyMs, endedAt, reason } = session;
  const events: { at: number; event: TimelineEvent }[] = [
    { at: startedAt, event: { step: "accepted" } },
    ...loggedSteps(log),
  ];
  const add = (ms: number | null, event: TimelineEvent) => {
    if (ms !== null) events.push({ at: startedAt + ms, event });
  };
  add(servingMs, { step: "serving" });
  add(firstReplyMs, { step: "first reply" });
  // The outcome of a signal is logged slightly after the end that the signal caused.
  const last = Math.max(startedAt, endedAt ?? Number.POSITIVE_INFINITY);
  const steps = events
    .map(({ at, event }) => ({ at: Math.min(Math.max(at, startedAt), last), event }))
    .sort((a, b) => a.at - b.at);
  if (endedAt !== null) steps.push({ at: last, event: { step: "ended", reason } });
  if (reason === "lost") steps.push({ at: lastKnownAt(session, log), event: { step: "lost" } });
  return steps.map(({ at, event }, index) => ({
    ...event,
    at,
    sinceAcceptedMs: at - startedAt,
    sincePreviousMs: index === 0 ? null : at - (steps[index - 1]?.at ?? at),
  }));
}

/** When a lost session was last known to live. */
function lastKnownAt({ startedAt }: SessionRecord, log: readonly LogEntry[]): number {
  return Math.max(startedAt, log.at(-1)?.at ?? 0);
}

function loggedSteps(log: readonly LogEntry[]): { at: number; event: TimelineEvent }[] {
  const all = log.flatMap(({ at, event }) =>
    isStepEvent(event) ? { at, event: { step: "logged" as const, event } } : [],
  );
  if (all.length <= MAX_LOGGED_STEPS) return all;
  return [...all.slice(0, MAX_LOGGED_STEPS / 2), ...all.slice(-MAX_LOGGED_STEPS / 2)];
}

function isStepEvent(event: LogEvent): event is StepEvent {
  switch (event.event) {
    case "spawned":
    case "overdue":
    case "failed":
    case "signal sent":
    case "signal outcome":
      return true;
    default:
      return false;
  }
}

/** A part of the session's time. */
export interface Phase {
  name: "starting" | "before a reply" | "serving";
  ms: number;
}

/**
 * Returns how the time until the session's end, or until `now` if it is live, was spent; phases
 * not reached are left out.
 */
export function phases(session: SessionRecord, log: readonly LogEntry[], now: number): Phase[] {
  const { startedAt, servingMs, firstReplyMs, endedAt, reason } = session;
  // The traffic of a program does not pass through brood, so the time of its
  // first reply is not known.
  const isProgram = session.bytesOut === null && firstReplyMs === null;
  const last = reason === "lost" ? lastKnownAt(session, log) : (endedAt ?? now);
  const totalMs = Math.max(0, last - startedAt);
  const serving = Math.min(servingMs ?? totalMs, totalMs);
  const replied = isProgram
    ? serving
    : Math.min(Math.max(firstReplyMs ?? totalMs, serving), totalMs);
  const all: Phase[] = [
    { name: "starting", ms: serving },
    { name: "before a reply", ms: replied - serving },
    { name: "serving", ms: totalMs - replied },
  ];
  return all.filter(({ ms }) => ms > 0);
}
