/**
 * What a child tells its master over IPC. Few and small: a child at human speed reports each
 * request as it happens; a busy one reports a few times a second, whatever it is asked.
 */

/** How a request was understood. `text` is what the client sent, one character per byte, cut short. */
export interface RequestReport {
  kind: "time" | "quit" | "invalid" | "too-long";
  text: string;
}

/** Totals since the session began, and the requests since the last report. */
export interface Activity {
  bytesIn: number;
  bytesOut: number;
  requests: RequestReport[];
  /** Requests beyond those listed, counted only. */
  more: number;
}

/** Why a child takes leave of its client by itself. */
export type LeaveReason = "quit" | "left" | "reset" | "idle" | "no first byte" | "session too long";

/** `ready` is a spare's first; then, as from any child, `serving` and what follows. */
export type ChildMessage =
  | { type: "ready" }
  | { type: "serving" }
  | ({ type: "report" } & Activity)
  | ({ type: "leaving"; reason: LeaveReason } & Activity);

/** Requests that one message lists at the most; the rest are counted in `more`. */
export const MAX_REQUESTS_LISTED = 32;

/** Bytes of a request's text that are kept. */
export const MAX_REQUEST_TEXT = 80;

const KINDS: readonly string[] = ["time", "quit", "invalid", "too-long"];
const LEAVE_REASONS: readonly string[] = [
  "quit",
  "left",
  "reset",
  "idle",
  "no first byte",
  "session too long",
] satisfies LeaveReason[];

/**
 * Takes whatever came over IPC and gives the message, or null if it is none: a child serves a
 * stranger, so the master believes nothing that it did not check.
 */
export function parseChildMessage(value: unknown): ChildMessage | null {
  if (!isRecord(value)) return null;
  if (value.type === "ready" || value.type === "serving") return { type: value.type };
  const activity = parseActivity(value);
  if (activity === null) return null;
  if (value.type === "report") return { type: "report", ...activity };
  if (value.type === "leaving" && isOneOf(LEAVE_REASONS, value.reason)) {
    return { type: "leaving", reason: value.reason as LeaveReason, ...activity };
  }
  return null;
}

function parseActivity(value: Record<string, unknown>): Activity | null {
  const { bytesIn, bytesOut, requests, more } = value;
  if (!isCount(bytesIn) || !isCount(bytesOut) || !isCount(more)) return null;
  if (!Array.isArray(requests) || requests.length > MAX_REQUESTS_LISTED) return null;
  // Spread, for `every` passes over the holes of a sparse array, which IPC brings as they are.
  if (![...requests].every(isRequestReport)) return null;
  return { bytesIn, bytesOut, requests, more };
}

function isRequestReport(value: unknown): value is RequestReport {
  return (
    isRecord(value) &&
    isOneOf(KINDS, value.kind) &&
    typeof value.text === "string" &&
    value.text.length <= MAX_REQUEST_TEXT
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isOneOf(names: readonly string[], value: unknown): value is string {
  return typeof value === "string" && names.includes(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
