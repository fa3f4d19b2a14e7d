/**
 * The messages between a child and its master, and the check of what a child sends. They are
 * few and small: a child at human speed reports each request as it happens, a busy one
 * reports a few times a second.
 */
import type { RequestReport } from "../../shared/log.ts";

/** Totals since the session began, and the requests since the last report. */
export interface Activity {
  bytesIn: number;
  bytesOut: number;
  requests: RequestReport[];
  /** Requests beyond those listed. */
  unlisted: number;
}

/** Why a child ends its session. */
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

/** A session that is in a room. */
export interface Member {
  /** The session's id. */
  id: string;
  name: string;
  room: string;
}

/** A request that a child makes of the master for its service. */
export type RoomRequest =
  /**
   * Enters a room under a name, and leaves any other. The reply is false if the name is taken
   * there.
   */
  | { what: "enter"; room: string; name: string }
  /** The reply has the members of the room. */
  | { what: "who"; room: string }
  /**
   * Sends a message, as JSON, to all others in the room. The reply is their number, when it is on
   * its way to all of them.
   */
  | { what: "broadcast"; json: string }
  /**
   * Sends a message to one member of any room. The reply is false if there is none, or the sender
   * is in no room.
   */
  | { what: "send"; to: string; json: string };

/** A spare's first message is `ready`. Then, as from any child, come `serving` and the others. */
export type ChildMessage =
  | { type: "ready" }
  | { type: "serving" }
  | ({ type: "report" } & Activity)
  | ({ type: "leaving"; reason: LeaveReason } & Activity)
  /** Lines for the log, one character per byte, and the number of further ones. */
  | { type: "printed"; lines: string[]; unlisted: number }
  /** The service has thrown for the first time; `error` has its stack. The session ends. */
  | { type: "failed"; error: string }
  /** A child makes one at a time. */
  | ({ type: "request" } & RoomRequest);

/** What the master sends to a child: the reply to a request, and what others do. */
export type MasterMessage =
  | { type: "reply"; value: RoomReply }
  | { type: "message"; from: Member; json: string }
  | { type: "joined" | "left"; member: Member }
  /** This many messages were not passed on, because the child did not keep up. */
  | { type: "lost"; count: number };

export type RoomReply = boolean | number | Member[];

/** Returns a message as it is sent over the channel, on a line of its own. */
export function encodeMessage(message: ChildMessage | MasterMessage): Buffer {
  return Buffer.from(`${JSON.stringify(message)}\n`);
}

/** Requests listed in one message; the others are counted in `unlisted`. */
export const MAX_REQUESTS_LISTED = 32;

/** Characters of a request's text that are reported, one per byte. */
export const MAX_REQUEST_CHARS = 80;

/** Lines for the log in one message, and characters of each; the rest is cut off. */
export const MAX_PRINTED_LINES = 32;
export const MAX_PRINTED_LINE_CHARS = 1000;

/**
 * Characters of all lines in one message. In JSON a character may take six bytes,
 * and a message is limited.
 */
export const MAX_PRINTED_CHARS = 8000;

/** Characters of an error with its stack. */
export const MAX_ERROR_CHARS = 4000;

/** Characters of a message from one child to others, as JSON. */
export const MAX_JSON_CHARS = 8000;

/** Characters of a room's or a member's name, and of a session's id. */
export const MAX_NAME_CHARS = 40;

/** Line breaks and other controls, what reorders the text around it, and lone surrogates. */
const UNSAFE_IN_NAMES = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/u;

/**
 * The rule for names of rooms and members, on both sides: the page shows them,
 * and so do others' terminals.
 */
export function isName(value: unknown): value is string {
  return isText(value, MAX_NAME_CHARS) && value !== "" && !UNSAFE_IN_NAMES.test(value);
}

/** Parses a message to others; returns undefined if it is not JSON. */
export function readJson(json: string): unknown {
  // A lone surrogate, which `JSON.stringify` never returns, would be passed on as six bytes.
  if (!json.isWellFormed()) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const KINDS: readonly string[] = ["time", "quit", "invalid", "too-long"];

/**
 * Parses what was received over the channel. Returns null if it is not a message. A client may have
 * taken over its child, so the master trusts nothing that was not checked here.
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
    case "printed":
      return parsePrinted(value);
    case "failed":
      return isText(value.error, MAX_ERROR_CHARS) ? { type: "failed", error: value.error } : null;
    case "request": {
      const request = parseRoomRequest(value);
      return request === null ? null : { type: "request", ...request };
    }
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

function parsePrinted({ lines, unlisted }: Record<string, unknown>): ChildMessage | null {
  if (!Array.isArray(lines) || lines.length > MAX_PRINTED_LINES || !isCount(unlisted)) return null;
  if (![...lines].every((line) => isText(line, MAX_PRINTED_LINE_CHARS))) return null;
  return { type: "printed", lines, unlisted };
}

function parseRoomRequest({
  what,
  room,
  name,
  to,
  json,
}: Record<string, unknown>): RoomRequest | null {
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
  const { bytesIn, bytesOut, requests, unlisted } = value;
  if (!isCount(bytesIn) || !isCount(bytesOut) || !isCount(unlisted)) return null;
  if (!Array.isArray(requests) || requests.length > MAX_REQUESTS_LISTED) return null;
  // Spread, because `every` skips the holes of a sparse array.
  if (![...requests].every(isRequestReport)) return null;
  return { bytesIn, bytesOut, requests, unlisted };
}

function isRequestReport(value: unknown): value is RequestReport {
  return isRecord(value) && isOneOf(KINDS, value.kind) && isText(value.text, MAX_REQUEST_CHARS);
}

function isText(value: unknown, maxChars: number): value is string {
  return typeof value === "string" && value.length <= maxChars;
}

/** Other children parse it, so it has to be JSON. */
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
