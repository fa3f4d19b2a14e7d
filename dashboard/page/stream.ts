/**
 * The live part of the page: one stream of server-sent events per tab. Each message holds what has
 * changed since the last one, and the next is made only once that one has been taken, so a slow tab
 * gets fewer messages.
 *
 *     (unnamed)  parts of the page that htmx swaps in by itself
 *     rows       the rows that changed, and the order of all; the page's script decides when a row
 *                may move
 *     tree       the tree; likewise
 *     log        new entries; the event's ID says where to resume after a break
 *     heartbeat  nothing: shows a tab with a slow refresh rate that the stream is still open
 */
import type { Handler } from "hono";
import type { SSEStreamingApi } from "hono/streaming";
import type { Master } from "../../shared/master.ts";
import { frame } from "../http/stream/frame.ts";
import { pageStreamLimit } from "../http/stream/stream-limit.ts";
import { createWakeup, type Wakeup } from "../http/stream/wakeup.ts";
import { viewerOf } from "../http/viewer.tsx";
import { cpuTimeMs } from "./cpu-time.ts";
import { createDiff, type TabContext } from "./diff.ts";
import { HEARTBEAT, HEARTBEAT_INTERVAL_MS } from "./heartbeat.ts";
import { type RecentEnds, trackRecentEnds } from "./recent-ends.ts";
import type { Sampler } from "./sample.ts";
import { parseView } from "./view.ts";

/**
 * The shortest and the longest time between two messages: nobody can read more
 * than five updates a second.
 */
const MIN_INTERVAL_MS = 200;
const MAX_INTERVAL_MS = 1000;

/** What a stream is made from. */
interface Sources {
  master: Master;
  sampler: Sampler;
  ends: RecentEnds;
}

export function eventStream(master: Master, sampler: Sampler): Handler {
  const ends = trackRecentEnds(master);
  const openStream = pageStreamLimit();

  return (c) => {
    const tab = {
      view: parseView(c.req.queries()),
      viewer: viewerOf(c),
      lastEventId: c.req.header("Last-Event-ID") ?? "",
    };
    return openStream(c, (sse) => sendUpdates(sse, { master, sampler, ends }, tab));
  };
}

/** Sends updates until the tab closes its stream. */
async function sendUpdates(
  sse: SSEStreamingApi,
  { master, sampler, ends }: Sources,
  tab: TabContext,
): Promise<void> {
  const changed = createWakeup();
  const closed = createWakeup();
  const unsubscribe = master.subscribe(changed.raise);
  sse.onAbort(() => {
    closed.raise();
    changed.raise();
  });
  const diff = createDiff(master, ends, tab);
  const { refreshSeconds } = tab.view;
  let lastSentAt = performance.now();
  try {
    while (!sse.aborted && !sse.closed) {
      const sample = sampler.recent();
      const startCpuMs = cpuTimeMs();
      const now = performance.now();
      let text = [...diff(sample)].map(frame).join("");
      if (text !== "") lastSentAt = now;
      else if (now - lastSentAt >= HEARTBEAT_INTERVAL_MS) text = frame(HEARTBEAT);
      // One write for all messages: each write passes through several layers of streams.
      const written = text === "" ? null : sse.write(text);
      sampler.addCost(cpuTimeMs() - startCpuMs);
      await written; // settles when the tab closes, too
      if (sampler.isStale) changed.raise();
      if (refreshSeconds > 0) {
        await pause(sse, refreshSeconds * 1000, closed);
      } else {
        const waitMs = Math.max(MIN_INTERVAL_MS, sampler.msUntilNext());
        const pauseMs = Math.min(MAX_INTERVAL_MS, waitMs);
        await pause(sse, pauseMs, closed);
        await changed.raised(MAX_INTERVAL_MS - pauseMs);
      }
    }
  } finally {
    unsubscribe();
  }
}

/** Sends nothing but heartbeats for `ms`. */
async function pause(sse: SSEStreamingApi, ms: number, closed: Wakeup): Promise<void> {
  const end = performance.now() + ms;
  while (!sse.aborted) {
    const leftMs = end - performance.now();
    await closed.raised(Math.min(leftMs, HEARTBEAT_INTERVAL_MS));
    if (leftMs <= HEARTBEAT_INTERVAL_MS || sse.aborted) return;
    await sse.write(frame(HEARTBEAT));
  }
}
