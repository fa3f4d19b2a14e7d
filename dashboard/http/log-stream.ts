/**
 * The log as it is written, for programs: server-sent events, each with the JSON
 * of a line of `--log json`.
 *
 *     id: INSTANCE:SEQ     what to send as Last-Event-ID to continue after a break
 *     event: accepted      the entry's name, or `missed`: `count` entries were left out
 *     data: {…}
 */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { SSEStreamingApi } from "hono/streaming";
import { entryJson, type LogEntry } from "../../shared/log.ts";
import type { Master } from "../../shared/master.ts";
import { logLineSchema } from "./openapi/log-entry.ts";
import { errorResponse, eventStreamResponse, textResponse } from "./openapi/responses.ts";
import { eventId, frame, parseEventId } from "./stream/frame.ts";
import { createStreamLimit } from "./stream/stream-limit.ts";
import { createWakeup } from "./stream/wakeup.ts";

/**
 * How many programs may follow the log at the same time. They have a limit of their own, so that
 * they don't take a page's stream.
 */
const MAX_STREAMS = 50;

/**
 * How many entries may wait for one program. A program that reads too slowly gets the number of
 * those it missed.
 */
const MAX_WAITING_ENTRIES = 1000;

/** Entries that follow within this time of the first are sent with it. */
const BATCH_MS = 50;

/** While nothing is logged, a comment is sent this often. */
const HEARTBEAT_INTERVAL_MS = 10_000;

const logStreamRoute = createRoute({
  method: "get",
  path: "/api/events",
  summary: "The log as it is written: each message is a LogLine, or `missed` with a count",
  request: {
    query: z.object({
      session: z
        .string("must be given once")
        .optional()
        .describe("Only entries of the session with this ID"),
    }),
    headers: z.object({
      "Last-Event-ID": z
        .string()
        .optional()
        .describe("Continues after this event; 0: with the oldest entry that is still available"),
    }),
  },
  responses: {
    200: eventStreamResponse("Server-sent events"),
    400: errorResponse("A parameter is invalid"),
    404: errorResponse("No such child"),
    405: textResponse("GET only"),
    503: errorResponse("Too many programs follow the log"),
  },
});

export function logStreamApi(master: Master): OpenAPIHono {
  const app = new OpenAPIHono();
  const openStream = createStreamLimit(MAX_STREAMS, (c) =>
    c.json({ error: "too many programs follow the log" }, 503),
  );
  app.openAPIRegistry.register("LogLine", logLineSchema);

  app.openapi(logStreamRoute, (c) => {
    const { session = null } = c.req.valid("query");
    if (session !== null && master.find(session) === "unknown") {
      return c.json({ error: "no such child" }, 404);
    }
    const lastEventId = c.req.header("Last-Event-ID") ?? null;
    return openStream(c, (sse) => send(sse, master, session, lastEventId));
  });

  return app;
}

async function send(
  sse: SSEStreamingApi,
  master: Master,
  session: string | null,
  lastEventId: string | null,
): Promise<void> {
  const news = createWakeup();
  const aborted = createWakeup();
  const queue = createQueue(news.raise);
  const isWanted = ({ event }: LogEntry) =>
    session === null || ("id" in event && event.id === session);
  const unfollow = master.follow((entry) => {
    if (isWanted(entry)) queue.add(entry);
  });
  sse.onAbort(() => {
    aborted.raise();
    news.raise();
  });
  // Nothing is logged between this reading of the log and the first call of the follower.
  let text = firstMessages(master, lastEventId, isWanted);
  try {
    while (!sse.aborted && !sse.closed) {
      await sse.write(text); // settles when the reader has disconnected, too
      await news.raised(HEARTBEAT_INTERVAL_MS);
      await aborted.raised(BATCH_MS);
      const { entries, missed, lastMissed } = queue.takeAll();
      text = entries.map((entry) => entryMessage(master.instance, entry)).join("");
      if (missed > 0) text += missedMessage(master.instance, missed, lastMissed);
      if (text === "") text = ": nothing new\n\n";
    }
  } finally {
    unfollow();
  }
}

/**
 * Returns what the log still has after `lastEventId`; without one, only the current position, from
 * which a program can continue.
 */
function firstMessages(
  master: Master,
  lastEventId: string | null,
  isWanted: (entry: LogEntry) => boolean,
): string {
  const { instance } = master;
  const log = master.log();
  if (lastEventId === null) return `id: ${eventId(instance, log.at(-1)?.seq ?? 0)}\n\n`;
  // An ID from another log counts as 0: everything is new.
  const seq = parseEventId(instance, lastEventId);
  const missed = Math.max(0, (log[0]?.seq ?? 1) - 1 - seq);
  const gap = missed > 0 ? missedMessage(instance, missed, seq + missed) : "";
  const entries = log.filter((entry) => entry.seq > seq && isWanted(entry));
  return `: continues\n\n${gap}${entries.map((entry) => entryMessage(instance, entry)).join("")}`;
}

/** Each entry is formatted once, however many programs follow the log. */
const messages = new WeakMap<LogEntry, string>();

function entryMessage(instance: string, entry: LogEntry): string {
  const cached = messages.get(entry);
  if (cached !== undefined) return cached;
  const message = frame({
    event: entry.event.event,
    id: eventId(instance, entry.seq),
    data: JSON.stringify(entryJson(entry)),
  });
  messages.set(entry, message);
  return message;
}

function missedMessage(instance: string, count: number, last: number): string {
  const data = JSON.stringify({ event: "missed", count });
  return frame({ event: "missed", id: eventId(instance, last), data });
}

/**
 * Entries that wait for one program. `onFirst` is called with the first entry after each `takeAll`.
 */
function createQueue(onFirst: () => void) {
  let entries: LogEntry[] = [];
  let missed = 0;
  let lastMissed = 0;
  return {
    add(entry: LogEntry): void {
      if (entries.length === 0) onFirst();
      if (entries.length < MAX_WAITING_ENTRIES) entries.push(entry);
      else {
        missed += 1;
        lastMissed = entry.seq;
      }
    },
    /**
     * Empties the queue. After the entries, `missed` more were left out, up to number `lastMissed`.
     */
    takeAll() {
      const taken = { entries, missed, lastMissed };
      entries = [];
      missed = 0;
      return taken;
    },
  };
}
