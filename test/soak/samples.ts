/** What is looked at while the clients come: the master's counters, its memory, its descriptors, its family. */
import type { MasterStatus } from "../../shared/master.ts";
import { descriptors, listFamily, readMemory } from "../harness/processes.ts";

export interface Sample {
  /** Clients that have gone. */
  clients: number;
  /** The master's private memory, in bytes. */
  memory: number;
  descriptors: number;
  /** Children that have ended and were not waited for, by pid. */
  zombies: readonly number[];
  /** How long (ms) the master took to answer; it is asked by a process that is busy itself. */
  lag: number;
  live: number;
  /** What does not add up in the master's counters. */
  violations: readonly string[];
}

export interface Watched {
  readonly pid: number;
  /** The page's address. */
  readonly url: string;
}

export async function takeSample({ pid, url }: Watched, clients: number): Promise<Sample> {
  const start = performance.now();
  await ask(`${url}healthz`);
  const lag = performance.now() - start;
  const status = await readStatus(url);
  const family = await listFamily(pid);
  return {
    clients,
    memory: readMemory(pid).private,
    descriptors: descriptors(pid).length,
    zombies: family.filter(({ state }) => state.startsWith("Z")).map((zombie) => zombie.pid),
    lag,
    live: status.live,
    violations: violations(status),
  };
}

export type Status = Pick<
  MasterStatus,
  "received" | "accepted" | "refused" | "waiting" | "live" | "ended" | "refusals" | "peak"
>;

export async function readStatus(url: string): Promise<Status> {
  return (await ask(`${url}api/master`)).json() as Promise<Status>;
}

/** One request, one connection: a kept one would be a descriptor of the master's. */
async function ask(url: string): Promise<Response> {
  const response = await fetch(url, { keepalive: false, headers: { Connection: "close" } });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return response;
}

/** What must be true of the counters at every moment, and is not. */
export function violations(status: Status): string[] {
  const { received, accepted, refused, waiting, live, ended } = status;
  const sum = status.refusals.reduce((total, { count }) => total + count, 0);
  const equations: [string, number, number][] = [
    ["received = accepted + refused + waiting", received, accepted + refused + waiting],
    ["accepted = live + ended", accepted, live + ended],
    ["refused = the sum of its reasons", refused, sum],
  ];
  return equations
    .filter(([, left, right]) => left !== right)
    .map(([equation, left, right]) => `${equation}: ${left} ≠ ${right}`);
}

/** The pids of zombies that were so in two samples in a row: nobody waits for them. */
export function keptZombies(samples: readonly Sample[]): number[] {
  const kept = samples.flatMap(({ zombies }, index) =>
    zombies.filter((pid) => samples[index - 1]?.zombies.includes(pid)),
  );
  return [...new Set(kept)];
}
