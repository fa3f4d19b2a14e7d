/** Clients that do nothing: what their processes hold in memory. */
import { type Client, firstReply } from "./client.ts";
import type { Memory } from "../../harness/processes.ts";
import { readChildren } from "./proc.ts";
import { type Target, within } from "./target.ts";

export interface MemoryJob {
  targets: readonly Target[];
  clients: number;
}

/** After the last reply (ms): what a process still does then belongs to its start. */
const SETTLE = 1000;

/**
 * For each contestant the memory of each of its children, of those that wait for a client too. Only
 * one has clients at a time.
 */
export async function memory(job: MemoryJob): Promise<Record<string, Memory[]>> {
  const found: Record<string, Memory[]> = {};
  for (const target of job.targets) {
    const clients: Client[] = [];
    for (let i = 0; i < job.clients; i += 1) {
      clients.push((await within(target, "a client's first reply", firstReply(target))).client);
    }
    await Bun.sleep(SETTLE);
    found[target.name] = readChildren(target.pid);
    for (const client of clients) client.close();
  }
  return found;
}
