/**
 * Signals to many children, a few at a time: the thread that sends them is the one that accepts clients.
 * Each order is a job, which tells how far it is and what became of each.
 */
import type { Child, KillRequest, Master } from "../../shared/master.ts";
import type { Signal } from "../../shared/signals.ts";
import type { Targets } from "./targets.ts";
import type { Receipt } from "../../shared/outcome.ts";

export interface BulkKillRequest extends Omit<KillRequest, "job">, Targets {
  /** How they were chosen, for the log. Escaped. */
  selection: string;
}

/** What became of one child. */
export type JobOutcome = Receipt["outcome"] | "already gone";

export interface ChildOutcome {
  child: Pick<Child, "id" | "pid" | "remoteAddress" | "remotePort">;
  outcome: JobOutcome;
  /** Null where nothing was sent. */
  receipt: Receipt | null;
}

export interface Job {
  id: string;
  /** Milliseconds since the epoch. */
  at: number;
  by: string;
  signal: Signal;
  graceMs: number | null;
  selection: string;
  /** At every moment total = waiting + open + all that is counted in `outcomes`. */
  total: number;
  /** Not yet sent to; when the job was cancelled, never. */
  waiting: number;
  /** Sent to, and it is not known yet what becomes of it. */
  open: number;
  outcomes: Record<JobOutcome, number>;
  cancelledBy: string | null;
  /** Null while there is anything to wait for. */
  endedAt: number | null;
  /** The worst first, `MOST_ANSWERS` at the most. */
  worstOutcomes(): readonly ChildOutcome[];
}

/** How far a job is, for a sentence. */
export interface JobProgress extends Pick<Job, "total" | "waiting" | "open" | "outcomes"> {
  cancelled: boolean;
}

export interface KillJobs {
  /** Gives the job, or null where as many are under way as may be. */
  start(wanted: BulkKillRequest): Job | null;
  find(id: string): Job | undefined;
  /** The newest first. */
  list(): readonly Job[];
  /** Sends nothing more; what was sent is sent. */
  cancel(job: Job, by: string): void;
}

/** Jobs that are remembered, and those of them that may be under way at once. */
const MOST_JOBS = 16;
const MOST_RUNNING = 4;

/** Answers of a job that are remembered. */
const MOST_ANSWERS = 200;

/** For so long (ms) it is sent without a pause, and so long is the pause. */
const SLICE = 4;
const PAUSE = 8;

/** A pause that lasts so much (ms) longer shows that others wait for this thread: then there is another. */
const LATE = 8;

/** However late it is, it goes on after so many pauses. */
const MOST_PAUSES = 20;

export function createKillJobs(
  master: Pick<Master, "instance" | "kill" | "logBulkKill">,
): KillJobs {
  const jobs = new Map<string, Job>();
  let started = 0;

  function start(wanted: BulkKillRequest): Job | null {
    const running = [...jobs.values()].filter(({ endedAt }) => endedAt === null);
    if (running.length >= MOST_RUNNING) return null;
    started += 1;
    const answered = worst();
    const { signal, graceMs, by, selection, children, gone } = wanted;
    const job: Job = {
      id: `${master.instance}-${started}`,
      at: Date.now(),
      by,
      signal,
      graceMs,
      selection,
      total: children.length + gone,
      waiting: children.length,
      open: 0,
      outcomes: { gone: 0, "already gone": gone, stopped: 0, running: 0, "still there": 0 },
      cancelledBy: null,
      endedAt: null,
      worstOutcomes: answered.list,
    };
    jobs.set(job.id, job);
    forgetOldest();
    master.logBulkKill({
      event: "kill requested",
      job: job.id,
      signal,
      count: children.length,
      selection,
      by,
    });
    // A fault of ours is told, as one in a route is, and ends the order but not the server.
    run(job, wanted, answered.add)
      .catch(console.error)
      .finally(() => (job.endedAt = Date.now()));
    return job;
  }

  function forgetOldest(): void {
    for (const { id, endedAt } of jobs.values()) {
      if (jobs.size <= MOST_JOBS) return;
      if (endedAt !== null) jobs.delete(id);
    }
  }

  async function run(
    job: Job,
    wanted: BulkKillRequest,
    add: (answer: ChildOutcome) => void,
  ): Promise<void> {
    const { signal, by, graceMs } = wanted;
    const open = new Set<Promise<void>>();

    function send(child: Child): void {
      const result = master.kill(child.id, { signal, by, graceMs, job: job.id });
      job.waiting -= 1;
      if (result.outcome !== "sent") return answer(child, "already gone", null);
      job.open += 1;
      const follow = result.receipt.then((receipt) => {
        job.open -= 1;
        open.delete(follow);
        answer(result.child, receipt.outcome, receipt);
      });
      open.add(follow);
    }

    function answer(child: Child, outcome: JobOutcome, receipt: Receipt | null): void {
      job.outcomes[outcome] += 1;
      add({ child, outcome, receipt });
    }

    let begun = performance.now();
    for (const child of wanted.children) {
      if (performance.now() - begun > SLICE) {
        await pause();
        begun = performance.now();
      }
      if (job.cancelledBy !== null) break;
      send(child);
    }
    await Promise.all(open);
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

/** Lets others have the thread, for as long as they are many. */
async function pause(): Promise<void> {
  for (let i = 0; i < MOST_PAUSES; i += 1) {
    const begun = performance.now();
    await Bun.sleep(PAUSE);
    if (performance.now() - begun < PAUSE + LATE) return;
  }
}

/** Keeps the worst answers of any number. */
function worst() {
  let kept: ChildOutcome[] = [];
  const sort = () => void (kept = kept.sort(byBadness).slice(0, MOST_ANSWERS));
  return {
    add(answer: ChildOutcome): void {
      kept.push(answer);
      if (kept.length > 2 * MOST_ANSWERS) sort();
    },
    list(): readonly ChildOutcome[] {
      sort();
      return kept;
    },
  };
}

const BADNESS: Record<JobOutcome, number> = {
  "still there": 3,
  stopped: 2,
  running: 2,
  gone: 1,
  "already gone": 0,
};

/** Of those that are as bad, the slowest first. */
function byBadness(a: ChildOutcome, b: ChildOutcome): number {
  const slower = (b.receipt?.ms ?? 0) - (a.receipt?.ms ?? 0);
  return BADNESS[b.outcome] - BADNESS[a.outcome] || slower;
}
