/** @jsxImportSource hono/jsx */
/**
 * The live part of a child's page: the parts that have changed, new entries of its log, and its end. Likewise
 * made only when the last message has been taken.
 *
 *     (unnamed)  parts that htmx swaps in by itself
 *     log        new entries; the event's id tells where to go on after a break
 *     beat       nothing has changed
 *     over       it has ended, and all was told
 */
import type { Handler } from "hono";
import type { SSEStreamingApi } from "hono/streaming";
import type { LogEntry } from "../../shared/log.ts";
import type { ChildSources } from "./sources.ts";
import type { ChildSnapshot } from "./snapshot.ts";
import { type ChildView, parseChildView } from "./child-view.ts";
import type { UsagePoint } from "./usage-history.ts";
import { HEARTBEAT } from "../page/heartbeat.ts";
import { createWakeup } from "../http/stream/wakeup.ts";
import { frame, type Message, eventId, parseEventId } from "../http/stream/frame.ts";
import { pageStreamLimit } from "../http/stream/stream-limit.ts";
import { type Viewer, viewerOf, render } from "../http/viewer.tsx";
import { changingParts } from "./views/child.tsx";
import { SessionLog } from "./views/session-log.tsx";

/** The least and the most time (ms) between two looks. */
const SHORTEST = 200;
const LONGEST = 1000;

/** So long (ms) after the end it is looked once more: what became of a signal is told a little later. */
const LAST_LOOK = 500;

/** Entries that wait to be sent to a slow tab; it can load the page again. */
const MOST_WAITING = 500;

/** Who looks: what they have chosen, and where the log on their page ends. */
interface Tab {
  view: ChildView;
  reader: Viewer;
  seq: number;
}

export function childStream(sources: ChildSources): Handler {
  const gate = pageStreamLimit();

  return async (c) => {
    const id = c.req.param("id") ?? "";
    // A browser asks again and again where a stream ends, but not where there is none.
    const isKnown =
      sources.master.find(id) !== "unknown" || (await sources.snapshots.take(id)) !== null;
    if (!isKnown) return c.text("There is no such child.\n", 404);
    const seq = parseEventId(id, c.req.header("Last-Event-ID") ?? "");
    const tab = { view: parseChildView(c.req.query()), reader: viewerOf(c), seq };
    return gate(c, (sse) => follow(sse, sources, id, tab));
  };
}

async function follow(
  sse: SSEStreamingApi,
  { master, snapshots: looker, usageHistory: use }: ChildSources,
  id: string,
  tab: Tab,
): Promise<void> {
  const news = createWakeup();
  const gone = createWakeup();
  let waiting: LogEntry[] = [];
  const unfollow = master.follow((entry) => {
    if (!("id" in entry.event) || entry.event.id !== id) return;
    waiting.push(entry);
    if (waiting.length > MOST_WAITING) waiting.shift();
    news.raise();
  });
  sse.onAbort(() => {
    gone.raise();
    news.raise();
  });
  const changes = partsThatChange(tab);
  const newEntries = logThatGrows(id, tab);

  try {
    let look = await looker.take(id);
    let logged = isThere(look) ? look.log : [];
    for (let isOver = false; isThere(look) && !sse.aborted;) {
      const messages = [...changes(look, use.watch(id)), ...newEntries(logged)];
      if (isOver) messages.push({ event: "ended", data: "." });
      await sse.write((messages.length === 0 ? [HEARTBEAT] : messages).map(frame).join(""));
      if (isOver) return;
      isOver = look.child === null;
      await gone.raised(isOver ? LAST_LOOK : SHORTEST);
      if (!isOver) await news.raised(LONGEST - SHORTEST);
      logged = waiting;
      waiting = [];
      look = await looker.refresh(look, logged);
    }
  } finally {
    unfollow();
  }
}

function isThere(look: ChildSnapshot | Error | null): look is ChildSnapshot {
  return look !== null && !(look instanceof Error);
}

/** Each call gives those that are not as they were told the last time. */
function partsThatChange({ view, reader }: Tab) {
  const told = new Map<string, string>();
  return function* (look: ChildSnapshot, points: readonly UsagePoint[]): Generator<Message> {
    const parts = Object.entries(changingParts({ snapshot: look, view, points }));
    const changed = parts.flatMap(([target, content]) => {
      const html = render(reader, content);
      if (told.get(target) === html) return [];
      told.set(target, html);
      return `<hx-partial hx-target="#${target}" hx-swap="innerMorph">${html}</hx-partial>`;
    });
    if (changed.length > 0) yield { data: changed.join("") };
  };
}

/** Each call gives, of these entries, those that were not told before. */
function logThatGrows(id: string, { view, reader, seq }: Tab) {
  let last = seq;
  return function* (logged: readonly LogEntry[]): Generator<Message> {
    const entries = logged.filter((entry) => entry.seq > last);
    if (entries.length === 0) return;
    last = entries.at(-1)?.seq ?? last;
    const list = <SessionLog id={id} entries={entries} contents={view.contents} />;
    yield { event: "log", id: eventId(id, last), data: render(reader, list) };
  };
}
