/** What open pages cost the master while clients come and go among thousands that stay. */
import { type Client, firstReply } from "./client.ts";
import { openPages } from "./pages.ts";
import { readCpuMs } from "./proc.ts";
import { inLanes, type Target, within } from "./target.ts";

export interface WatchedJob {
  target: Target;
  /** The page's address. */
  page: string;
  /** Live at every moment. */
  clients: number;
  /** Clients that connect per second; as many of the oldest leave. */
  rate: number;
  /**
   * The queries of the pages that are open in half of the measurements; each
   * page has a view of its own.
   */
  views: readonly string[];
  rounds: number;
  /** How long one measurement takes. */
  durationMs: number;
}

/** One measurement. */
export interface WatchedMeasurement {
  pages: number;
  /** The share of one core that the master used. */
  cpu: number;
  /** Fewer than requested if the machine is too slow. */
  clientsPerSecond: number;
  /** From connecting to the first reply, for each new client. */
  firstReplyMs: number[];
  /** Messages and bytes per second sent to each page. */
  sent: { messages: number; bytes: number }[];
}

/** Clients that connect at the same time at the start. */
const CONCURRENT_CONNECTS = 16;

/** New clients that may wait for their first reply at the same time. */
const MAX_CONNECTING = 16;

/** A pause after clients or pages have come or gone. */
const SETTLE_MS = 2000;

export async function watched(job: WatchedJob): Promise<WatchedMeasurement[]> {
  const clients: Client[] = [];
  await inLanes(job.clients, CONCURRENT_CONNECTS, async () => {
    const reply = firstReply(job.target);
    clients.push((await within(job.target, "a client's first reply", reply)).client);
  });
  using churn = startChurn(job, clients);
  const measured: WatchedMeasurement[] = [];
  for (let round = 0; round < job.rounds; round += 1) {
    // Pages come first in every other round: whatever drifts with time affects both alike.
    const order = round % 2 === 0 ? [[], job.views] : [job.views, []];
    for (const views of order) measured.push(await measure(job, views, churn));
  }
  return measured;
}

async function measure(
  { target, page, durationMs }: WatchedJob,
  views: readonly string[],
  churn: Churn,
): Promise<WatchedMeasurement> {
  using pages = await openPages(page, views);
  await Bun.sleep(SETTLE_MS);
  churn.take();
  const before = { cpu: readCpuMs(target.pid), pages: pages.received() };
  const start = performance.now();
  await Bun.sleep(durationMs);
  const elapsedMs = performance.now() - start;
  const cpu = (readCpuMs(target.pid) - before.cpu) / elapsedMs;
  const firstReplyMs = churn.take();
  const sent = pages.received().map(({ messages, bytes }, i) => ({
    messages: (messages - (before.pages[i]?.messages ?? 0)) / (elapsedMs / 1000),
    bytes: (bytes - (before.pages[i]?.bytes ?? 0)) / (elapsedMs / 1000),
  }));
  return {
    pages: views.length,
    cpu,
    clientsPerSecond: firstReplyMs.length / (elapsedMs / 1000),
    firstReplyMs,
    sent,
  };
}

interface Churn extends Disposable {
  /** The first-reply times (ms) of clients that arrived since the last call. */
  take(): number[];
}

/** At each tick connects a client and disconnects the oldest, until disposed. */
function startChurn({ target, rate }: WatchedJob, clients: Client[]): Churn {
  let times: number[] = [];
  let connecting = 0;
  const timer = setInterval(async () => {
    // If the machine is too slow for this rate, fewer connect.
    if (connecting >= MAX_CONNECTING) return;
    connecting += 1;
    const { client, ms } = await within(target, "a new client's first reply", firstReply(target));
    connecting -= 1;
    clients.push(client);
    clients.shift()?.close();
    times.push(ms);
  }, 1000 / rate);
  return {
    take() {
      const taken = times;
      times = [];
      return taken;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
