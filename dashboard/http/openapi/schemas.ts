/** What the API says, by name. */
import { HISTORY_REASONS } from "../../../shared/history.ts";
import { SIGNALS } from "../../../shared/signals.ts";
import { logEntry, RECEIPT, SESSION_FIGURES } from "./log.ts";
import { process } from "./process.ts";
import {
  described,
  flag,
  integer,
  list,
  mapOf,
  moment,
  number,
  object,
  oneOf,
  orNull,
  type Properties,
  ref,
  text,
} from "./schema.ts";
import { REFUSE_REASONS } from "../../../shared/outcome.ts";

const who = { id: text, pid: integer, remoteAddress: text, remotePort: integer };

const state = oneOf(["accepting", "paused", "draining", "stopping"]);

/** A session as the history keeps it. */
const session: Properties = {
  ...who,
  source: text,
  startedAt: moment,
  endedAt: orNull(moment),
  reason: oneOf(HISTORY_REASONS),
  ...SESSION_FIGURES,
  exitCode: orNull(integer),
  signal: orNull(text),
  cpuMs: orNull(number),
  maxResidentBytes: orNull(integer),
};

/** An order to many children; at every moment total = waiting + open + all that is counted in `outcomes`. */
const order: Properties = {
  job: text,
  time: moment,
  by: text,
  signal: oneOf(SIGNALS),
  graceMs: orNull(number),
  selection: text,
  total: integer,
  waiting: integer,
  open: integer,
  outcomes: mapOf(integer),
  cancelledBy: orNull(text),
  endedAt: orNull(moment),
};

/** Columns of as many values as there are moments. */
const columns = {
  from: described(number, "ms since the epoch, as all times here"),
  to: number,
  at: list(number),
  series: mapOf(list(orNull(number))),
};

/** Of a request, only where it was asked for. */
const CONTENTS = ["text", "command"];

export const SCHEMAS = {
  Error: object({ error: described(text, "what is wrong, for people") }),
  State: object({ state }),
  Master: object({
    pid: integer,
    startedAt: moment,
    host: text,
    port: integer,
    service: described(text, "what each client gets"),
    serves: oneOf(["built-in", "module", "exec", "pty"]),
    state,
    until: described(orNull(moment), "when the pause or the drain ends at the latest"),
    pausedBy: orNull(text),
    maxClients: integer,
    live: integer,
    peak: integer,
    received: described(integer, "accepted + refused + waiting, at every moment"),
    accepted: described(integer, "live + ended, at every moment"),
    ended: integer,
    refused: integer,
    waiting: integer,
    refusals: list(
      object({
        reason: oneOf(REFUSE_REASONS),
        count: integer,
        lastAt: moment,
        lastAddress: text,
      }),
    ),
    limits: list(object({ name: text, value: text })),
    confinement: described(text, "what holds each child in"),
    spares: described(integer, "how many are wanted"),
    sparesByState: object({ starting: integer, ready: integer }),
  }),
  Room: object({ name: text, size: integer }),
  Child: object({
    ...who,
    source: text,
    state: oneOf(["starting", "serving", "leaving"]),
    stopped: described(flag, "it was sent STOP, whatever it said last of its state"),
    startedAt: moment,
    lastActiveAt: moment,
    ...SESSION_FIGURES,
    lastCommand: described(orNull(text), "escaped"),
    below: described(orNull(text), "what runs below it, as a tree"),
    cpuPercent: described(orNull(number), "of one processor, over the last seconds"),
    privateBytes: described(orNull(integer), "memory that is its alone"),
    residentBytes: orNull(integer),
  }),
  Tree: object({
    pid: integer,
    name: text,
    id: described(orNull(text), "the session's, where it is a live child"),
    children: list(ref("Tree")),
  }),
  Receipt: object(RECEIPT),
  Sent: object(
    { id: text, pid: integer, signal: oneOf(SIGNALS), sent: { const: true } },
    { receipt: described(ref("Receipt"), "with wait=1") },
  ),
  LogLine: logEntry({ time: moment }),
  ChildLook: object(
    {
      ...session,
      state: oneOf(["starting", "serving", "leaving", "ended"]),
      lastActiveAt: orNull(moment),
      timeline: list({
        ...object({
          event: text,
          time: moment,
          sinceAcceptedMs: number,
          sincePreviousMs: orNull(number),
        }),
        additionalProperties: true,
      }),
      log: list(logEntry({ seq: integer, time: moment }, CONTENTS)),
      logNotKept: integer,
      processAt: described(orNull(moment), "when its process was looked at"),
      process: orNull(ref("Process")),
    },
    { lastCommand: described(orNull(text), "with contents=1") },
  ),
  Process: process,
  ChildSeries: object(columns, { ended: { const: true } }),
  Series: object(columns),
  Session: object(session),
  Sessions: object({
    sessions: list(ref("Session")),
    next: described(orNull(text), "`after` of what follows; null at the end"),
  }),
  SessionHistory: object({
    session: ref("Session"),
    log: list(logEntry({ seq: integer, time: moment }, CONTENTS)),
    notKept: integer,
  }),
  Totals: object({
    sessions: integer,
    reasons: list(object({ reason: oneOf(HISTORY_REASONS), count: integer })),
    sources: list(object({ source: text, count: integer, bytesIn: integer, bytesOut: integer })),
  }),
  Audit: object({
    entries: list(
      object({
        seq: integer,
        time: moment,
        by: text,
        id: orNull(text),
        text,
        event: logEntry({}),
      }),
    ),
    next: described(orNull(integer), "`before` of what follows; null at the end"),
  }),
  KillsOrder: {
    ...object(
      {},
      {
        ids: described(list(text), "exactly these; or else"),
        filter: described(text, "all that match, as on the page,"),
        source: described(text, "and are from this source"),
        signal: { ...oneOf(SIGNALS), default: "TERM" },
        // oxlint-disable-next-line unicorn/no-thenable -- the API's own name, and no promise
        then: described({ const: "KILL" }, "follows after 5 s"),
        expect: described(integer, "so many are meant, or nothing is sent"),
        dryRun: described(flag, "says who is meant, and sends nothing"),
      },
    ),
    additionalProperties: false,
  },
  KillsPlan: object({
    count: integer,
    gone: integer,
    sources: list(object({ source: text, count: integer })),
    children: list(object(who)),
  }),
  KillsBegun: object({ job: text, count: integer, gone: integer }),
  Kills: object(order),
  KillsAnswered: object({
    ...order,
    answers: list(
      object({
        ...who,
        outcome: text,
        sent: list(oneOf(SIGNALS)),
        ms: orNull(number),
      }),
    ),
  }),
};
