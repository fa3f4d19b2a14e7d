/** What pages cost the master while clients come and go all the time among thousands that stay. */
import { type Client, firstReply } from "./client.ts";
import { openPages } from "./pages.ts";
import { readCpu } from "./proc.ts";
import { inLanes, type Target, within } from "./target.ts";

export interface WatchedJob {
  target: Target;
  /** The page's address. */
  page: string;
  /** Live at each moment. */
  clients: number;
  /** A second: so many come, and as many of the oldest leave. */
  rate: number;
  /** The queries of the pages that are open in half of the measurements, each with a view of its own. */
  views: readonly string[];
  rounds: number;
  /** For how long (ms) one measurement lasts. */
  duration: number;
}

/** What was measured once, with so many pages open. */
export interface Watched {
  pages: number;
  /** The share of one processor that the master used. */
  cpu: number;
  /** Clients a second that came, which is less than wanted where the machine is too slow. */
  came: number;
  /** Milliseconds from connecting to the reply, of those who came. */
  newcomers: number[];
  /** For each page what it was sent a second: messages and bytes. */
  sent: { messages: number; bytes: number }[];
}

/** Clients that come at a time at the beginning. */
const AT_A_TIME = 16;

/** Newcomers that wait for their first reply at the same time, at the most. */
const MOST_WAITING = 16;

/** After clients or pages came or left (ms). */
const SETTLE = 2000;

export async function watched(job: WatchedJob): Promise<Watched[]> {
  const clients: Client[] = [];
  await inLanes(job.clients, AT_A_TIME, async () => {
    const reply = firstReply(job.target);
    clients.push((await within(job.target, "a client's first reply", reply)).client);
  });
  using churn = comeAndGo(job, clients);
  const measured: Watched[] = [];
  for (let round = 0; round < job.rounds; round += 1) {
    // With pages first in every other round: whatever grows with time troubles both alike.
    const order = round % 2 === 0 ? [[], job.views] : [job.views, []];
    for (const views of order) measured.push(await measure(job, views, churn));
  }
  return measured;
}

async function measure(
  { target, page, duration }: WatchedJob,
  views: readonly string[],
  churn: Churn,
): Promise<Watched> {
  using pages = await openPages(page, views);
  await Bun.sleep(SETTLE);
  churn.take();
  const before = { cpu: readCpu(target.pid), pages: pages.received() };
  const start = performance.now();
  await Bun.sleep(duration);
  const took = performance.now() - start;
  const cpu = (readCpu(target.pid) - before.cpu) / took;
  const newcomers = churn.take();
  const sent = pages.received().map(({ messages, bytes }, i) => ({
    messages: (messages - (before.pages[i]?.messages ?? 0)) / (took / 1000),
    bytes: (bytes - (before.pages[i]?.bytes ?? 0)) / (took / 1000),
  }));
  return { pages: views.length, cpu, came: newcomers.length / (took / 1000), newcomers, sent };
}

interface Churn extends Disposable {
  /** The waits (ms) of those who came since the last call. */
  take(): number[];
}

/** Lets a client come at each tick and the oldest one leave, until the end of the scope. */
function comeAndGo({ target, rate }: WatchedJob, clients: Client[]): Churn {
  let waits: number[] = [];
  let waiting = 0;
  const timer = setInterval(async () => {
    // Where the machine is too slow for so many, fewer come.
    if (waiting >= MOST_WAITING) return;
    waiting += 1;
    const { client, ms } = await within(target, "a newcomer's first reply", firstReply(target));
    waiting -= 1;
    clients.push(client);
    clients.shift()?.close();
    waits.push(ms);
  }, 1000 / rate);
  return {
    take() {
      const taken = waits;
      waits = [];
      return taken;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
