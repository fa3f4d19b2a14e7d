/** Thousands of idle clients: what the next one, the others and the master notice of them. */
import { type Client, firstReply } from "./client.ts";
import { openPages, type Pages } from "./pages.ts";
import { readMemory } from "../../harness/processes.ts";
import { readCpu } from "./proc.ts";
import { inLanes, type Target, within } from "./target.ts";

export interface ManyJob {
  target: Target;
  /** The page's address. */
  page: string;
  clients: number;
  /** How many pages are open in half of the measurements. */
  pages: number;
  rounds: number;
  /** For how long (ms) nothing happens. */
  quiet: number;
  /** Requests of idle clients, one after the other. */
  trips: number;
  newcomers: number;
  /** Between two newcomers (ms). */
  pause: number;
}

/** What was measured once, with so many pages open. */
export interface Measured {
  pages: number;
  /** The share of one processor that the master uses while nothing happens. */
  cpu: number;
  /** Milliseconds from request to reply on a connection that was idle. */
  trips: number[];
  /** Milliseconds from connecting to the reply. */
  newcomers: number[];
  /** The master's private memory, in bytes. */
  memory: number;
  /** What one page is sent a second while nothing happens, in bytes. */
  pageBytes: number;
}

export interface ManyResult {
  /** Milliseconds until all clients had their first reply. */
  opening: number;
  measured: Measured[];
}

/** Clients that come at a time at the beginning. */
const AT_A_TIME = 16;

/** After clients or pages came or left (ms). */
const SETTLE = 2000;

/** Between two requests (ms), so that one does not wait for what the other has caused. */
const PAUSE = 5;

export async function many(job: ManyJob): Promise<ManyResult> {
  const clients: Client[] = [];
  const start = performance.now();
  await inLanes(job.clients, AT_A_TIME, async () => {
    const reply = firstReply(job.target);
    clients.push((await within(job.target, "a client's first reply", reply)).client);
  });
  const opening = performance.now() - start;
  const measured: Measured[] = [];
  for (let round = 0; round < job.rounds; round += 1) {
    // With pages first in every other round: whatever grows with time troubles both alike.
    const order = round % 2 === 0 ? [0, job.pages] : [job.pages, 0];
    for (const pages of order) measured.push(await measure(job, clients, pages));
  }
  for (const client of clients) client.close();
  return { opening, measured };
}

async function measure(job: ManyJob, clients: readonly Client[], count: number): Promise<Measured> {
  using pages = await openPages(job.page, Array(count).fill(""));
  await Bun.sleep(SETTLE);
  const still = await quiet(job, () => totalOf(pages));
  return {
    pages: count,
    cpu: still.cpu,
    pageBytes: still.received / Math.max(1, count),
    trips: await measureTrips(job, clients),
    newcomers: await measureNewcomers(job),
    memory: readMemory(job.target.pid).private,
  };
}

function totalOf(pages: Pages): number {
  return pages.received().reduce((total, { bytes }) => total + bytes, 0);
}

async function quiet({ target, quiet }: ManyJob, received: () => number) {
  const start = performance.now();
  const before = { cpu: readCpu(target.pid), received: received() };
  await Bun.sleep(quiet);
  const took = performance.now() - start;
  return {
    cpu: (readCpu(target.pid) - before.cpu) / took,
    received: (received() - before.received) / (took / 1000),
  };
}

async function measureTrips({ target, trips }: ManyJob, clients: readonly Client[]) {
  const waits: number[] = [];
  for (let i = 0; i < trips; i += 1) {
    // Spread over all, so that few are asked twice.
    const client = clients[Math.floor((i * clients.length) / trips)];
    if (client === undefined) break;
    const start = performance.now();
    await within(target, "a reply to an idle client", client.ask("time\r\n"));
    waits.push(performance.now() - start);
    await Bun.sleep(PAUSE);
  }
  return waits;
}

async function measureNewcomers({ target, newcomers, pause }: ManyJob) {
  const waits: number[] = [];
  for (let i = 0; i < newcomers; i += 1) {
    const { client, ms } = await within(target, "a newcomer's first reply", firstReply(target));
    client.close();
    waits.push(ms);
    await Bun.sleep(pause);
  }
  return waits;
}
