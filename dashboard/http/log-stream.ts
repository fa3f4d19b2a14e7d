/**
 * The log for programs, as it is written: server-sent events, each with the JSON of a line of `--log json`.
 *
 *     id: INSTANCE:SEQ     where to go on after a break (Last-Event-ID)
 *     event: accepted      the entry's name, or `missed`: so many entries were left out
 *     data: {…}
 */
import type { Handler } from "hono";
import type { SSEStreamingApi } from "hono/streaming";
import { entryJson, type LogEntry } from "../../shared/log.ts";
import type { Master } from "../../shared/master.ts";
import { createWakeup } from "./stream/wakeup.ts";
import { frame, eventId, parseEventId } from "./stream/frame.ts";
import { createStreamLimit } from "./stream/stream-limit.ts";

/** Programs that read at once. They have a limit of their own, so that none keeps a page from its stream. */
const MOST_READERS = 50;

/** Entries that wait for a reader: one that does not keep up is told how many it missed. */
const MOST_WAITING = 1000;

/** Entries that come together are sent together: so long (ms) the first one waits. */
const GATHER = 50;

/** When there is nothing to tell, that is told after so long (ms). */
const HEARTBEAT = 10_000;

export function logStream(master: Master): Handler {
  const gate = createStreamLimit(MOST_READERS, (c) =>
    c.json({ error: "too many programs read along" }, 503),
  );

  return (c) => {
    const session = c.req.query("session") ?? null;
    if (session !== null && master.find(session) === "unknown") {
      return c.json({ error: "no such child" }, 404);
    }
    const seen = c.req.header("Last-Event-ID") ?? null;
    return gate(c, (sse) => send(sse, master, session, seen));
  };
}

async function send(
  sse: SSEStreamingApi,
  master: Master,
  session: string | null,
  seen: string | null,
): Promise<void> {
  const news = createWakeup();
  const gone = createWakeup();
  const inbox = createInbox(news.raise);
  const isWanted = ({ event }: LogEntry) =>
    session === null || ("id" in event && event.id === session);
  const unfollow = master.follow((entry) => {
    if (isWanted(entry)) inbox.add(entry);
  });
  sse.onAbort(() => {
    gone.raise();
    news.raise();
  });
  // Nothing is written to the log between this look at it and the first call of the follower.
  let text = beginning(master, seen, isWanted);
  try {
    while (!sse.aborted && !sse.closed) {
      await sse.write(text); // it settles when the reader has gone, too
      await news.raised(HEARTBEAT);
      await gone.raised(GATHER);
      const { entries, missed, last } = inbox.take();
      text = entries.map((entry) => messageOf(master.instance, entry)).join("");
      if (missed > 0) text += missedMessage(master.instance, missed, last);
      if (text === "") text = ": nothing new\n\n";
    }
  } finally {
    unfollow();
  }
}

/** From where the reader says that it was, as far as that is kept; else its place, so that it can say so later. */
function beginning(
  master: Master,
  seen: string | null,
  isWanted: (entry: LogEntry) => boolean,
): string {
  const { instance } = master;
  const kept = master.log();
  if (seen === null) return `id: ${eventId(instance, kept.at(-1)?.seq ?? 0)}\n\n`;
  // Of no place in this log all that is kept is new.
  const seq = parseEventId(instance, seen);
  const missed = Math.max(0, (kept[0]?.seq ?? 1) - 1 - seq);
  const gap = missed > 0 ? missedMessage(instance, missed, seq + missed) : "";
  const entries = kept.filter((entry) => entry.seq > seq && isWanted(entry));
  return `: goes on\n\n${gap}${entries.map((entry) => messageOf(instance, entry)).join("")}`;
}

/** However many read along, an entry is made into text once. */
const texts = new WeakMap<LogEntry, string>();

function messageOf(instance: string, entry: LogEntry): string {
  const known = texts.get(entry);
  if (known !== undefined) return known;
  const text = frame({
    event: entry.event.event,
    id: eventId(instance, entry.seq),
    data: JSON.stringify(entryJson(entry)),
  });
  texts.set(entry, text);
  return text;
}

function missedMessage(instance: string, count: number, last: number): string {
  const data = JSON.stringify({ event: "missed", count });
  return frame({ event: "missed", id: eventId(instance, last), data });
}

/** What waits for one reader; `begun` is called with the first entry after each `take`. */
function createInbox(begun: () => void) {
  let entries: LogEntry[] = [];
  let missed = 0;
  let last = 0;
  return {
    add(entry: LogEntry): void {
      if (entries.length === 0) begun();
      if (entries.length < MOST_WAITING) entries.push(entry);
      else {
        missed += 1;
        last = entry.seq;
      }
    },
    /** Takes all of it: the entries, and how many came after them and were left out, up to `last`. */
    take() {
      const taken = { entries, missed, last };
      entries = [];
      missed = 0;
      return taken;
    },
  };
}
