/** Thousands of idle clients: what a new client, an idle one and the master notice of them. */
import { type Client, firstReply } from "./client.ts";
import { openPages, type Pages } from "./pages.ts";
import { readMemory } from "../../harness/processes.ts";
import { readCpuMs } from "./proc.ts";
import { inLanes, type Target, within } from "./target.ts";

export interface ManyJob {
  target: Target;
  /** The page's address. */
  page: string;
  clients: number;
  /** How many pages are open in half of the measurements. */
  pages: number;
  rounds: number;
  /** How long nothing happens. */
  idleMs: number;
  /** How many requests idle clients send, one at a time. */
  requests: number;
  newClients: number;
  /** Between two new clients. */
  pauseMs: number;
}

/** One measurement. */
export interface Measurement {
  pages: number;
  /** The share of one core that the master uses while nothing happens. */
  cpu: number;
  /** From request to reply on an idle connection. */
  replyMs: number[];
  /** From connecting to the first reply. */
  firstReplyMs: number[];
  /** The master's private memory. */
  memoryBytes: number;
  /** Bytes per second sent to one page while nothing happens. */
  pageBytes: number;
}

export interface ManyResult {
  /** Until all clients had their first reply. */
  connectMs: number;
  measured: Measurement[];
}

/** Clients that connect at the same time at the start. */
const CONCURRENT_CONNECTS = 16;

/** A pause after clients or pages have come or gone. */
const SETTLE_MS = 2000;

/** Between two requests, so that one does not wait for what the other has caused. */
const REQUEST_PAUSE_MS = 5;

export async function many(job: ManyJob): Promise<ManyResult> {
  const clients: Client[] = [];
  const start = performance.now();
  await inLanes(job.clients, CONCURRENT_CONNECTS, async () => {
    const reply = firstReply(job.target);
    clients.push((await within(job.target, "a client's first reply", reply)).client);
  });
  const connectMs = performance.now() - start;
  const measured: Measurement[] = [];
  for (let round = 0; round < job.rounds; round += 1) {
    // Pages come first in every other round: whatever drifts with time affects both alike.
    const order = round % 2 === 0 ? [0, job.pages] : [job.pages, 0];
    for (const pages of order) measured.push(await measure(job, clients, pages));
  }
  for (const client of clients) client.close();
  return { connectMs, measured };
}

async function measure(
  job: ManyJob,
  clients: readonly Client[],
  count: number,
): Promise<Measurement> {
  using pages = await openPages(job.page, Array(count).fill(""));
  await Bun.sleep(SETTLE_MS);
  const idle = await measureIdle(job, () => totalOf(pages));
  return {
    pages: count,
    cpu: idle.cpu,
    pageBytes: idle.received / Math.max(1, count),
    replyMs: await measureReplies(job, clients),
    firstReplyMs: await measureNewClients(job),
    memoryBytes: readMemory(job.target.pid).private,
  };
}

function totalOf(pages: Pages): number {
  return pages.received().reduce((total, { bytes }) => total + bytes, 0);
}

async function measureIdle({ target, idleMs }: ManyJob, received: () => number) {
  const start = performance.now();
  const before = { cpu: readCpuMs(target.pid), received: received() };
  await Bun.sleep(idleMs);
  const elapsedMs = performance.now() - start;
  return {
    cpu: (readCpuMs(target.pid) - before.cpu) / elapsedMs,
    received: (received() - before.received) / (elapsedMs / 1000),
  };
}

async function measureReplies({ target, requests }: ManyJob, clients: readonly Client[]) {
  const times: number[] = [];
  for (let i = 0; i < requests; i += 1) {
    // Spread over all clients, so that few are asked twice.
    const client = clients[Math.floor((i * clients.length) / requests)];
    if (client === undefined) break;
    const start = performance.now();
    await within(target, "a reply to an idle client", client.ask("time\r\n"));
    times.push(performance.now() - start);
    await Bun.sleep(REQUEST_PAUSE_MS);
  }
  return times;
}

async function measureNewClients({ target, newClients, pauseMs }: ManyJob) {
  const times: number[] = [];
  for (let i = 0; i < newClients; i += 1) {
    const { client, ms } = await within(target, "a new client's first reply", firstReply(target));
    client.close();
    times.push(ms);
    await Bun.sleep(pauseMs);
  }
  return times;
}
