/** Samples taken during a run: the master's counters, memory, descriptors and children. */
import type { MasterStatus } from "../../shared/master.ts";
import { descriptors, listFamily, readMemory } from "../harness/processes.ts";

export interface Sample {
  /** Clients that have left. */
  clients: number;
  /** The master's private memory, in bytes. */
  memory: number;
  descriptors: number;
  /** PIDs of children that have ended and were not reaped. */
  zombies: readonly number[];
  /** How long the master took to respond, in ms, as seen by a process that is busy itself. */
  lag: number;
  live: number;
  /** Contradictions between the master's counters. */
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

/** One connection per request: an open one would count as a descriptor of the master. */
async function ask(url: string): Promise<Response> {
  const response = await fetch(url, { keepalive: false, headers: { Connection: "close" } });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return response;
}

/** Returns which invariants of the counters do not hold. */
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

/** Returns the PIDs of zombies in two consecutive samples: they are not reaped. */
export function remainingZombies(samples: readonly Sample[]): number[] {
  const kept = samples.flatMap(({ zombies }, index) =>
    zombies.filter((pid) => samples[index - 1]?.zombies.includes(pid)),
  );
  return [...new Set(kept)];
}
