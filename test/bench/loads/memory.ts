/** Idle clients: the memory of their processes. */
import { type Client, firstReply } from "./client.ts";
import type { Memory } from "../../harness/processes.ts";
import { readChildren } from "./proc.ts";
import { type Target, within } from "./target.ts";

export interface MemoryJob {
  targets: readonly Target[];
  clients: number;
}

/** A pause after the last reply: what a process still does then is part of its start. */
const SETTLE_MS = 1000;

/**
 * Returns, for each contestant, the memory of each of its children, including those that wait for a
 * client. Only one contestant has clients at a time.
 */
export async function memory(job: MemoryJob): Promise<Record<string, Memory[]>> {
  const found: Record<string, Memory[]> = {};
  for (const target of job.targets) {
    const clients: Client[] = [];
    for (let i = 0; i < job.clients; i += 1) {
      clients.push((await within(target, "a client's first reply", firstReply(target))).client);
    }
    await Bun.sleep(SETTLE_MS);
    found[target.name] = readChildren(target.pid);
    for (const client of clients) client.close();
  }
  return found;
}
