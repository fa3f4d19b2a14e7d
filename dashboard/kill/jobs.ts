/**
 * The jobs that send signals to many children: those that are running, and
 * the newest that have ended.
 */
import type { KillRequest, Master } from "../../shared/master.ts";
import type { Job } from "./job.ts";
import { runJob } from "./run-job.ts";
import type { Targets } from "./targets.ts";
import { createWorstOutcomes } from "./worst-outcomes.ts";

export interface BulkKillRequest extends Omit<KillRequest, "job">, Targets {
  /** How the children were chosen, for the log. Escaped. */
  selection: string;
}

export interface KillJobs {
  /** Returns the new job, or null if too many are running. */
  start(request: BulkKillRequest): Job | null;
  find(id: string): Job | undefined;
  /** Newest first. */
  list(): readonly Job[];
  /** Sends no more signals. Those that have been sent stay sent. */
  cancel(job: Job, by: string): void;
}

const MAX_JOBS = 16;
const MAX_RUNNING = 4;

const NO_OUTCOMES = { gone: 0, "already ended": 0, stopped: 0, running: 0, "still there": 0 };

export function createKillJobs(
  master: Pick<Master, "instance" | "kill" | "logBulkKill">,
): KillJobs {
  const jobs = new Map<string, Job>();
  let started = 0;

  function forgetOldest(): void {
    for (const { id, endedAt } of jobs.values()) {
      if (jobs.size <= MAX_JOBS) return;
      if (endedAt !== null) jobs.delete(id);
    }
  }

  function start(request: BulkKillRequest): Job | null {
    const { signal, graceMs, by, selection, children, alreadyEnded } = request;
    const running = jobs.values().filter(({ endedAt }) => endedAt === null);
    if (Array.from(running).length >= MAX_RUNNING) return null;
    started += 1;
    const worst = createWorstOutcomes();
    const job: Job = {
      id: `${master.instance}-${started}`,
      at: Date.now(),
      by,
      signal,
      graceMs,
      selection,
      total: children.length + alreadyEnded,
      waiting: children.length,
      open: 0,
      outcomes: { ...NO_OUTCOMES, "already ended": alreadyEnded },
      cancelledBy: null,
      endedAt: null,
      worstOutcomes: worst.list,
    };
    jobs.set(job.id, job);
    forgetOldest();
    const count = children.length;
    master.logBulkKill({ event: "kill requested", job: job.id, signal, count, selection, by });
    // A bug of ours ends the job, not the server, and is printed as one in a route is.
    runJob(master, job, children, worst.add)
      .catch(console.error)
      .finally(() => (job.endedAt = Date.now()));
    return job;
  }

  return {
    start,
    find: (id) => jobs.get(id),
    list: () => [...jobs.values()].reverse(),
    cancel(job, by) {
      if (job.waiting === 0 || job.cancelledBy !== null) return;
      job.cancelledBy = by;
      const { id, signal, waiting: count, selection } = job;
      master.logBulkKill({ event: "kill cancelled", job: id, signal, count, selection, by });
    },
  };
}
