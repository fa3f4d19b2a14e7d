/** @jsxImportSource hono/jsx */
/**
 * The live part of a child's page. As on the main page, the next message is made only when
 * the last one has been taken.
 *
 *     (unnamed)  parts of the page that htmx swaps in by itself
 *     log        new log entries; the event's ID says where to resume after a break
 *     heartbeat  nothing has changed
 *     ended      the session has ended, and everything has been sent
 */
import type { Handler } from "hono";
import type { SSEStreamingApi } from "hono/streaming";
import type { LogEntry } from "../../shared/log.ts";
import { eventId, frame, type Message, parseEventId } from "../http/stream/frame.ts";
import { pageStreamLimit } from "../http/stream/stream-limit.ts";
import { createWakeup } from "../http/stream/wakeup.ts";
import { render, type Viewer, viewerOf } from "../http/viewer.tsx";
import { HEARTBEAT } from "../page/heartbeat.ts";
import { type ChildView, parseChildView } from "./child-view.ts";
import type { ChildSnapshot } from "./snapshot.ts";
import type { ChildSources } from "./sources.ts";
import type { UsagePoint } from "./usage-history.ts";
import { changingParts } from "./views/child.tsx";
import { SessionLog } from "./views/session-log.tsx";

/** The shortest and the longest time between two snapshots. */
const MIN_INTERVAL_MS = 200;
const MAX_INTERVAL_MS = 1000;

/**
 * One more snapshot is taken this long after the end: the outcome of a signal
 * is logged slightly later.
 */
const LAST_SNAPSHOT_DELAY_MS = 500;

/**
 * Log entries waiting for a slow tab; if there are more, the oldest are dropped, and
 * reloading the page has them.
 */
const MAX_WAITING_ENTRIES = 500;

/** One tab: what it shows, and its viewer. */
interface Tab {
  view: ChildView;
  viewer: Viewer;
  /** The newest log entry that it has. */
  lastSeq: number;
}

export function childStream(sources: ChildSources): Handler {
  const openStream = pageStreamLimit();

  return async (c) => {
    const id = c.req.param("id") ?? "";
    // A browser reopens a stream that ends, but not one that does not exist.
    const exists =
      sources.master.find(id) !== "unknown" || (await sources.snapshots.take(id)) !== null;
    if (!exists) return c.text("There is no such child.\n", 404);
    const lastSeq = parseEventId(id, c.req.header("Last-Event-ID") ?? "");
    const tab = { view: parseChildView(c.req.query()), viewer: viewerOf(c), lastSeq };
    return openStream(c, (sse) => sendUpdates(sse, sources, id, tab));
  };
}

/** Sends updates until the session has ended or the tab closes its stream. */
async function sendUpdates(
  sse: SSEStreamingApi,
  { master, snapshots, usageHistory }: ChildSources,
  id: string,
  tab: Tab,
): Promise<void> {
  const changed = createWakeup();
  const closed = createWakeup();
  let waiting: LogEntry[] = [];
  const unfollow = master.follow((entry) => {
    if (!("id" in entry.event) || entry.event.id !== id) return;
    waiting.push(entry);
    if (waiting.length > MAX_WAITING_ENTRIES) waiting.shift();
    changed.raise();
  });
  sse.onAbort(() => {
    closed.raise();
    changed.raise();
  });
  const diffParts = createPartsDiff(tab);
  const diffLog = createLogDiff(id, tab);

  try {
    let snapshot = await snapshots.take(id);
    let logged = isSnapshot(snapshot) ? snapshot.log : [];
    for (let hasEnded = false; isSnapshot(snapshot) && !sse.aborted;) {
      const messages = [...diffParts(snapshot, usageHistory.watch(id)), ...diffLog(logged)];
      if (hasEnded) messages.push({ event: "ended", data: "." });
      await sse.write((messages.length === 0 ? [HEARTBEAT] : messages).map(frame).join(""));
      if (hasEnded) return;
      hasEnded = snapshot.child === null;
      await closed.raised(hasEnded ? LAST_SNAPSHOT_DELAY_MS : MIN_INTERVAL_MS);
      if (!hasEnded) await changed.raised(MAX_INTERVAL_MS - MIN_INTERVAL_MS);
      logged = waiting;
      waiting = [];
      snapshot = await snapshots.refresh(snapshot, logged);
    }
  } finally {
    unfollow();
  }
}

function isSnapshot(snapshot: ChildSnapshot | Error | null): snapshot is ChildSnapshot {
  return snapshot !== null && !(snapshot instanceof Error);
}

/**
 * Returns a function that yields a message with the parts that have changed since its last call.
 */
function createPartsDiff({ view, viewer }: Tab) {
  const sent = new Map<string, string>();
  return function* (snapshot: ChildSnapshot, points: readonly UsagePoint[]): Generator<Message> {
    const parts = Object.entries(changingParts({ snapshot, view, points }));
    const changed = parts.flatMap(([target, content]) => {
      const html = render(viewer, content);
      if (sent.get(target) === html) return [];
      sent.set(target, html);
      return `<hx-partial hx-target="#${target}" hx-swap="innerMorph">${html}</hx-partial>`;
    });
    if (changed.length > 0) yield { data: changed.join("") };
  };
}

/** Returns a function that yields a message with those entries that it has not sent yet. */
function createLogDiff(id: string, { view, viewer, lastSeq }: Tab) {
  let sentSeq = lastSeq;
  return function* (logged: readonly LogEntry[]): Generator<Message> {
    const entries = logged.filter(({ seq }) => seq > sentSeq);
    if (entries.length === 0) return;
    sentSeq = entries.at(-1)?.seq ?? sentSeq;
    const list = <SessionLog id={id} entries={entries} contents={view.contents} />;
    yield { event: "log", id: eventId(id, sentSeq), data: render(viewer, list) };
  };
}
