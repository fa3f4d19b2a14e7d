/**
 * Sends a job's signals, a few at a time: the thread that sends them is the
 * one that accepts clients.
 */
import type { Child, KillRequest, Master } from "../../shared/master.ts";
import type { Receipt } from "../../shared/outcome.ts";
import type { ChildOutcome, Job, JobOutcome } from "./job.ts";

/** Signals are sent for this long, followed by a pause. */
const BURST_MS = 4;
const PAUSE_MS = 8;

/**
 * A pause that takes this much longer shows that others wait for the thread; then there is another.
 */
const MAX_LATENESS_MS = 8;

/** However late they are, a job continues after this many pauses. */
const MAX_PAUSES = 20;

/**
 * Sends the signal to each of `children` until the job is cancelled, and counts in `job` what
 * happens. Calls `onOutcome` for each child. Settles when all outcomes are known.
 */
export async function runJob(
  master: Pick<Master, "kill">,
  job: Job,
  children: readonly Child[],
  onOutcome: (outcome: ChildOutcome) => void,
): Promise<void> {
  const { signal, by, graceMs } = job;
  const request: KillRequest = { signal, by, graceMs, job: job.id };
  const open = new Set<Promise<void>>();

  function record(child: Child, outcome: JobOutcome, receipt: Receipt | null): void {
    job.outcomes[outcome] += 1;
    onOutcome({ child, outcome, receipt });
  }

  function send(child: Child): void {
    const result = master.kill(child.id, request);
    job.waiting -= 1;
    if (result.outcome !== "sent") return record(child, "already ended", null);
    job.open += 1;
    const recorded = result.receipt.then((receipt) => {
      job.open -= 1;
      open.delete(recorded);
      record(result.child, receipt.outcome, receipt);
    });
    open.add(recorded);
  }

  let burstAt = performance.now();
  for (const child of children) {
    if (performance.now() - burstAt > BURST_MS) {
      await yieldThread();
      burstAt = performance.now();
    }
    if (job.cancelledBy !== null) break;
    send(child);
  }
  await Promise.all(open);
}

/** Pauses until the thread is no longer busy with other work. */
async function yieldThread(): Promise<void> {
  for (let pauses = 0; pauses < MAX_PAUSES; pauses += 1) {
    const begunAt = performance.now();
    await Bun.sleep(PAUSE_MS);
    if (performance.now() - begunAt < PAUSE_MS + MAX_LATENESS_MS) return;
  }
}
