/** One client at a time: how long it waits for its process. */
import { firstReply } from "./client.ts";
import { byName, type Target, within } from "./target.ts";

export interface PacedJob {
  targets: readonly Target[];
  clients: number;
  /** Between a client's reply and the next client. */
  pauseMs: number;
}

/** Returns, for each contestant, the milliseconds from connecting to the reply. */
export async function paced(job: PacedJob): Promise<Record<string, number[]>> {
  const waits = byName<number[]>(job.targets, () => []);
  for (let i = 0; i < job.clients; i += 1) {
    for (const target of job.targets) {
      const { client, ms } = await within(target, "a client's first reply", firstReply(target));
      client.close();
      waits[target.name]?.push(ms);
      await Bun.sleep(job.pauseMs);
    }
  }
  return waits;
}
