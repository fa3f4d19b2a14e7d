/** A child's life in steps, from what is known of its session and what is logged of it. */
import type { LogEntry, LogEvent } from "../../shared/log.ts";
import type { SessionRecord } from "../../shared/history.ts";

type Of<Name extends LogEvent["event"]> = Extract<LogEvent, { event: Name }>;

/** What is a step of a life, and not just a line in its log. */
type LoggedStep =
  Of<"spawned"> | Of<"overdue"> | Of<"failed"> | Of<"signal sent"> | Of<"signal outcome">;

export type TimelineEvent =
  | { step: "accepted" }
  | { step: "serving" }
  | { step: "first reply" }
  | { step: "told"; event: LoggedStep }
  | { step: "ended"; reason: SessionRecord["reason"] }
  | { step: "lost" };

/** Times in ms: since the epoch, since it was accepted, and since the step before; null for the first. */
export type TimelineStep = TimelineEvent & {
  at: number;
  sinceAcceptedMs: number;
  sincePreviousMs: number | null;
};

/** The steps in their order; the end is the last of them. */
export function timeline(session: SessionRecord, log: readonly LogEntry[]): TimelineStep[] {
  const { startedAt, servingMs, firstReplyMs, endedAt, reason } = session;
  const happened: { at: number; what: TimelineEvent }[] = [
    { at: startedAt, what: { step: "accepted" } },
    ...told(log),
  ];
  const add = (ms: number | null, what: TimelineEvent) => {
    if (ms !== null) happened.push({ at: startedAt + ms, what });
  };
  add(servingMs, { step: "serving" });
  add(firstReplyMs, { step: "first reply" });
  // What became of a signal is told a moment after the end that it brought about.
  const last = Math.max(startedAt, endedAt ?? Number.POSITIVE_INFINITY);
  const steps = happened
    .map(({ at, what }) => ({ at: Math.min(Math.max(at, startedAt), last), what }))
    .sort((a, b) => a.at - b.at);
  if (endedAt !== null) steps.push({ at: last, what: { step: "ended", reason } });
  if (reason === "lost") steps.push({ at: lastHeard(session, log), what: { step: "lost" } });
  return steps.map(({ at, what }, index) => ({
    ...what,
    at,
    sinceAcceptedMs: at - startedAt,
    sincePreviousMs: index === 0 ? null : at - (steps[index - 1]?.at ?? at),
  }));
}

/** When something was told of it for the last time. */
function lastHeard({ startedAt }: SessionRecord, log: readonly LogEntry[]): number {
  return Math.max(startedAt, log.at(-1)?.at ?? 0);
}

/** Of a child that was sent signals all day, the first and the last are told. */
const MOST_TOLD = 40;

function told(log: readonly LogEntry[]): { at: number; what: TimelineEvent }[] {
  const all = log.flatMap(({ at, event }) =>
    isTold(event) ? { at, what: { step: "told" as const, event } } : [],
  );
  if (all.length <= MOST_TOLD) return all;
  return [...all.slice(0, MOST_TOLD / 2), ...all.slice(-MOST_TOLD / 2)];
}

function isTold(event: LogEvent): event is LoggedStep {
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

/** A part of a life; lengths in ms. */
export interface Phase {
  name: "starting" | "before a reply" | "serving";
  ms: number;
}

/** What the time until its end, or else until `now`, was spent on; one that has not come is not in it. */
export function phases(session: SessionRecord, log: readonly LogEntry[], now: number): Phase[] {
  const { startedAt, servingMs, firstReplyMs, endedAt, reason } = session;
  // When a program replied to its client nobody knows.
  const isProgram = session.bytesOut === null && firstReplyMs === null;
  const last = reason === "lost" ? lastHeard(session, log) : (endedAt ?? now);
  const all = Math.max(0, last - startedAt);
  const serving = Math.min(servingMs ?? all, all);
  const replied = isProgram ? serving : Math.min(Math.max(firstReplyMs ?? all, serving), all);
  const parts: Phase[] = [
    { name: "starting", ms: serving },
    { name: "before a reply", ms: replied - serving },
    { name: "serving", ms: all - replied },
  ];
  return parts.filter(({ ms }) => ms > 0);
}
