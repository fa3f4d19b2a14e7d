/**
 * The live part: one stream of server-sent events a tab. Each message holds what changed since the
 * last one, and the next is made only when that one has been taken, so a slow tab gets fewer.
 *
 *     (unnamed)  parts that htmx swaps in by itself
 *     rows       the rows that changed, and the order of all; the page's script decides when a row moves
 *     tree       the tree; likewise
 *     log        new entries; the event's id tells where to go on after a break
 *     beat       nothing: the stream of a tab that wants news seldom is still there
 */
import type { Handler } from "hono";
import type { SSEStreamingApi } from "hono/streaming";
import type { Master } from "../../shared/master.ts";
import { createDiff, type TabContext } from "./diff.ts";
import { cpuTimeMs } from "./cpu-time.ts";
import { type RecentEnds, trackRecentEnds } from "./recent-ends.ts";
import { createWakeup, type Wakeup } from "../http/stream/wakeup.ts";
import { frame, type Message } from "../http/stream/frame.ts";
import { pageStreamLimit } from "../http/stream/stream-limit.ts";
import { viewerOf } from "../http/viewer.tsx";
import type { Sampler } from "./sample.ts";
import { parseView } from "./view.ts";

/** The least and the most time (ms) between two messages: eyes want no more than five a second. */
const SHORTEST = 200;
const LONGEST = 1000;

/** A tab that wants less hears in this time (ms) that the stream lives. */
const BEAT = 2000;

export function eventStream(master: Master, sampler: Sampler): Handler {
  const ends = trackRecentEnds(master);
  const gate = pageStreamLimit();

  return (c) => {
    const view = parseView(c.req.queries());
    const reader = viewerOf(c);
    const seen = c.req.header("Last-Event-ID") ?? "";
    return gate(c, (sse) =>
      follow(sse, { master, sampler, ends }, { view, viewer: reader, lastEventId: seen }),
    );
  };
}

async function follow(
  sse: SSEStreamingApi,
  { master, sampler, ends }: Sources,
  tab: TabContext,
): Promise<void> {
  const news = createWakeup();
  const gone = createWakeup();
  const unsubscribe = master.subscribe(news.raise);
  sse.onAbort(() => {
    gone.raise();
    news.raise();
  });
  const parts = createDiff(master, ends, tab);
  const { refreshSeconds: every } = tab.view;
  let saidAt = performance.now();
  try {
    while (!sse.aborted && !sse.closed) {
      const sample = sampler.recent();
      const begun = cpuTimeMs();
      const now = performance.now();
      let messages = [...parts(sample)].map(frame).join("");
      if (messages !== "") saidAt = now;
      else if (now - saidAt >= BEAT) messages = frame(ALIVE);
      // One write for all: each one takes its way through streams of streams.
      const written = messages === "" ? null : sse.write(messages);
      sampler.addCost(cpuTimeMs() - begun);
      await written; // it settles when the tab has gone, too
      if (sampler.isStale) news.raise();
      const pause = Math.min(LONGEST, Math.max(SHORTEST, sampler.msUntilNext()));
      await rest(sse, every === 0 ? pause : every * 1000, gone);
      if (every === 0) await news.raised(LONGEST - pause);
    }
  } finally {
    unsubscribe();
  }
}

/** Sends nothing new for `ms`; a page takes silence for a broken stream, so it hears that there is none. */
async function rest(sse: SSEStreamingApi, ms: number, gone: Wakeup): Promise<void> {
  const end = performance.now() + ms;
  while (!sse.aborted) {
    const left = end - performance.now();
    await gone.raised(Math.min(left, BEAT));
    if (left <= BEAT || sse.aborted) return;
    await sse.write(frame(ALIVE));
  }
}

const ALIVE: Message = { event: "beat", data: "." };

/** What streams tell of. */
interface Sources {
  master: Master;
  sampler: Sampler;
  ends: RecentEnds;
}
