/**
 * Named deadlines that share one timer. A deadline that is moved or cleared leaves the timer as it
 * is: when that fires too early it is set again for the next deadline.
 */

export interface Deadlines<Name extends string> {
  /** Calls `pass` in `ms`, unless this deadline is set again or cleared before. */
  set(name: Name, ms: number, pass: () => void): void;
  clear(...names: readonly Name[]): void;
  /** Clears each deadline for which `canPass` returns false. */
  retain(canPass: (name: Name) => boolean): void;
}

/** A timer may fire a fraction of a millisecond early. */
const TOLERANCE_MS = 1;

export function createDeadlines<Name extends string>(): Deadlines<Name> {
  const deadlines = new Map<Name, { atMs: number; pass: () => void }>();
  let timer: Timer | undefined;
  let timerAtMs = Infinity;

  function stopTimer(): void {
    clearTimeout(timer);
    timerAtMs = Infinity;
  }

  function startTimer(atMs: number, nowMs: number): void {
    if (atMs >= timerAtMs) return;
    clearTimeout(timer);
    timerAtMs = atMs;
    timer = setTimeout(fire, Math.ceil(atMs - nowMs));
  }

  function fire(): void {
    timerAtMs = Infinity;
    const nowMs = performance.now();
    for (const [name, { atMs, pass }] of deadlines) {
      if (atMs - TOLERANCE_MS > nowMs) continue;
      deadlines.delete(name);
      pass();
    }
    for (const { atMs } of deadlines.values()) startTimer(atMs, nowMs);
  }

  function clear(...names: readonly Name[]): void {
    if (deadlines.size === 0) return;
    for (const name of names) deadlines.delete(name);
    if (deadlines.size === 0) stopTimer();
  }

  return {
    set(name, ms, pass) {
      const nowMs = performance.now();
      deadlines.set(name, { atMs: nowMs + ms, pass });
      startTimer(nowMs + ms, nowMs);
    },
    clear,
    retain(canPass) {
      for (const name of deadlines.keys()) if (!canPass(name)) clear(name);
    },
  };
}
