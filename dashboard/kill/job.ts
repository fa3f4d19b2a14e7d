/** A job: one signal to many children, its progress, and the outcome for each child. */
import type { Child } from "../../shared/master.ts";
import type { Receipt } from "../../shared/outcome.ts";
import type { Signal } from "../../shared/signals.ts";

export type JobOutcome = Receipt["outcome"] | "already ended";

export interface ChildOutcome {
  child: Pick<Child, "id" | "pid" | "remoteAddress" | "remotePort">;
  outcome: JobOutcome;
  /** Null if nothing was sent. */
  receipt: Receipt | null;
}

/** Always total = waiting + open + the sum of `outcomes`. */
export interface Job {
  id: string;
  /** Milliseconds since the epoch. */
  at: number;
  by: string;
  signal: Signal;
  graceMs: number | null;
  selection: string;
  total: number;
  /**
   * Children that the signal has not been sent to yet; once the job is cancelled, it never will be.
   */
  waiting: number;
  /** Children that it has been sent to, whose outcome is not known yet. */
  open: number;
  outcomes: Record<JobOutcome, number>;
  cancelledBy: string | null;
  /** Null while it is running. */
  endedAt: number | null;
  /** The 200 worst outcomes, worst first. */
  worstOutcomes(): readonly ChildOutcome[];
}

/** The progress of a job, as one sentence describes it. */
export interface JobProgress extends Pick<Job, "total" | "waiting" | "open" | "outcomes"> {
  cancelled: boolean;
}
