/**
 * Bun keeps what a child has sent of a message that it never ended until the child's own object is collected, and
 * its collector does not know how large that is: ten such children in ten seconds add up to gigabytes.
 */

/** Bytes that the master may grow by before it is seen whether they are garbage; thousands of clients take less. */
const MOST = 100e6;

/** So many times it is collected where garbage is known to be: what is on the stack may hold it at the first. */
const TRIES = 3;

export interface GcPressure {
  /** Begins to collect if the master has grown much since it last did; true if so. `rss`: its memory, in bytes. */
  collect(rss: number): boolean;
  /** A child has gone that left much behind: begins when it is next asked to. */
  expect(): void;
}

export function trackGcPressure(): GcPressure {
  /** What was left after the last collection, or less. */
  let kept = Number.POSITIVE_INFINITY;
  let due = 0;

  return {
    collect(rss) {
      kept = Math.min(kept, rss);
      if (due === 0 && rss - kept < MOST) return false;
      due = Math.max(due - 1, 0);
      // Not under a timer's call, whose own stack may hold the child that has gone.
      setImmediate(() => Bun.gc(true));
      kept = Number.POSITIVE_INFINITY;
      return true;
    },
    expect: () => void (due = TRIES),
  };
}
