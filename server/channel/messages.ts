import type { RequestReport } from "../../shared/log.ts";

/** Totals since the session began, and the requests since the last report. */
export interface Activity {
  bytesIn: number;
  bytesOut: number;
  requests: RequestReport[];
  /** Requests beyond those listed, counted only. */
  more: number;
}

/** Why a child takes leave of its client by itself. */
export type LeaveReason = (typeof LEAVE_REASONS)[number];

export const LEAVE_REASONS = [
  "quit",
  "left",
  "reset",
  "idle",
  "no first byte",
  "session too long",
  "ended by service",
  "service failed",
  "program ended",
] as const;

/** One session among those that talk with each other. */
export interface Member {
  /** The session's. */
  id: string;
  name: string;
  room: string;
}

/** What a child may want of the master for its service. */
export type RoomRequest =
  /** Be in a room under a name, and in no other. Answered with false if the name is taken there. */
  | { what: "enter"; room: string; name: string }
  /** Answered with the members of the room. */
  | { what: "who"; room: string }
  /** To all others in the room, as JSON. Answered, when it is on its way to all, with their number. */
  | { what: "broadcast"; json: string }
  /** To one member, whatever its room. Answered with false if there is none, or the sender is in no room. */
  | { what: "send"; to: string; json: string };

/** The next is asked when the last one is answered; `after` is the mark of that answer, null for the first. */
export type PendingRequest = RoomRequest & { after: number | null };

/** `ready` is a spare's first; then, as from any child, `serving` and what follows. */
export type ChildMessage =
  | { type: "ready" }
  | { type: "serving" }
  | ({ type: "report" } & Activity)
  | ({ type: "leaving"; reason: LeaveReason } & Activity)
  /** Lines for the log, one character per byte, and how many more there were. */
  | { type: "said"; lines: string[]; more: number }
  /** The service threw, for the first time; `error` has its stack. The client is taken leave of. */
  | { type: "failed"; error: string }
  | ({ type: "ask" } & PendingRequest)
  /** Of what others say `HEARD_TOGETHER` have been dealt with since this was said last, until this mark. */
  | { type: "heard"; mark: number };

/** What the master tells a child: the answer to what it asked, and what others say. */
export type MasterMessage =
  | { type: "answer"; value: RoomReply }
  | { type: "message"; from: Member; json: string }
  | { type: "joined" | "left"; member: Member }
  /** So many messages were not passed on, because the child did not keep up. */
  | { type: "lost"; count: number };

export type RoomReply = boolean | number | Member[];

/** As the master sends it: with a mark that nobody can guess. Who says it has read the message. */
export type Marked<Message extends MasterMessage> = Message & { mark: number };

/** So many of the master's messages are told at once to have been dealt with. */
export const MAX_UNACKNOWLEDGED = 16;

/** Requests that one message lists at the most; the rest are counted in `more`. */
export const MAX_REQUESTS_LISTED = 32;

/** Bytes of a request's text that are kept. */
export const MAX_REQUEST_CHARS = 80;

/** Lines for the log that one message has at the most, and characters of each; the rest is cut off. */
export const MAX_PRINTED_LINES = 32;
export const MAX_PRINTED_LINE_CHARS = 1000;

/** Characters of an error with its stack. */
export const MAX_ERROR_CHARS = 4000;

/** Characters of a message from one child to others, as JSON. */
export const MAX_JSON_CHARS = 8000;

/** Characters of a room's or a member's name, and of a session's id. */
export const MAX_NAME_CHARS = 40;

/** What makes a name more than one line, moves the text around it, or is half a character. */
const UNFIT_FOR_NAMES = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/u;

/** The rule for names of rooms and members, on both sides: they stand on the page, and in others' terminals. */
export function isName(value: unknown): value is string {
  return isText(value, MAX_NAME_CHARS) && value !== "" && !UNFIT_FOR_NAMES.test(value);
}

/** What a message to others says; undefined if it is no JSON. */
export function readJson(json: string): unknown {
  // Half a character, which `JSON.stringify` never gives, would go on as six bytes.
  if (!json.isWellFormed()) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const KINDS: readonly string[] = ["time", "quit", "invalid", "too-long"];

/**
 * Takes whatever came over IPC and gives the message, or null if it is none: a child serves a
 * stranger, so the master believes nothing that it did not check.
 */
export function parseChildMessage(value: unknown): ChildMessage | null {
  if (!isRecord(value)) return null;
  switch (value.type) {
    case "ready":
    case "serving":
      return { type: value.type };
    case "report":
      return withActivity({ type: "report" }, value);
    case "leaving":
      if (!isOneOf(LEAVE_REASONS, value.reason)) return null;
      return withActivity({ type: "leaving", reason: value.reason as LeaveReason }, value);
    case "said":
      return parseSaid(value);
    case "failed":
      return isText(value.error, MAX_ERROR_CHARS) ? { type: "failed", error: value.error } : null;
    case "ask": {
      const ask = parseAsk(value);
      const { after } = value;
      if (ask === null || !(after === null || isCount(after))) return null;
      return { type: "ask", after, ...ask };
    }
    case "heard":
      return isCount(value.mark) ? { type: "heard", mark: value.mark } : null;
    default:
      return null;
  }
}

function withActivity<Kind extends object>(
  kind: Kind,
  value: Record<string, unknown>,
): (Kind & Activity) | null {
  const activity = parseActivity(value);
  return activity === null ? null : { ...kind, ...activity };
}

function parseSaid({ lines, more }: Record<string, unknown>): ChildMessage | null {
  if (!Array.isArray(lines) || lines.length > MAX_PRINTED_LINES || !isCount(more)) return null;
  if (![...lines].every((line) => isText(line, MAX_PRINTED_LINE_CHARS))) return null;
  return { type: "said", lines, more };
}

function parseAsk({ what, room, name, to, json }: Record<string, unknown>): RoomRequest | null {
  switch (what) {
    case "enter":
      return isName(room) && isName(name) ? { what, room, name } : null;
    case "who":
      return isName(room) ? { what, room } : null;
    case "broadcast":
      return isJson(json) ? { what, json } : null;
    case "send":
      return isText(to, MAX_NAME_CHARS) && isJson(json) ? { what, to, json } : null;
    default:
      return null;
  }
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
  return isRecord(value) && isOneOf(KINDS, value.kind) && isText(value.text, MAX_REQUEST_CHARS);
}

function isText(value: unknown, most: number): value is string {
  return typeof value === "string" && value.length <= most;
}

/** Whoever gets it reads it, so it has to be what it says it is. */
function isJson(value: unknown): value is string {
  return isText(value, MAX_JSON_CHARS) && readJson(value) !== undefined;
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
