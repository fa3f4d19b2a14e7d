/** Clients that come by themselves, one after the other: what one client waits for its process. */
import { firstReply } from "./client.ts";
import { byName, type Target, within } from "./target.ts";

export interface PacedJob {
  targets: readonly Target[];
  clients: number;
  /** Between a client's reply and the next client (ms). */
  pause: number;
}

/** For each contestant the milliseconds from connecting to the reply. */
export async function paced(job: PacedJob): Promise<Record<string, number[]>> {
  const waits = byName<number[]>(job.targets, () => []);
  for (let i = 0; i < job.clients; i += 1) {
    for (const target of job.targets) {
      const { client, ms } = await within(target, "a client's first reply", firstReply(target));
      client.close();
      waits[target.name]?.push(ms);
      await Bun.sleep(job.pause);
    }
  }
  return waits;
}
