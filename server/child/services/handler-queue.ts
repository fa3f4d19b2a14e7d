/** Runs a service's handlers one at a time. */

/** A call of one of the service's handlers. */
export type HandlerCall = () => void | Promise<void>;

export interface HandlerQueue {
  /** Calls that wait for their turn. */
  readonly length: number;
  add(call: HandlerCall): void;
  /** Settles when no call is under way; null if none is. */
  readonly running: Promise<void> | null;
  /** Calls `callback` after each call that `run` has finished. */
  onDone(callback: () => void): void;
}

/** `run` makes a call and must not throw. After `signal` is aborted no more calls are made. */
export function createHandlerQueue(
  run: (call: HandlerCall) => Promise<void>,
  signal: AbortSignal,
): HandlerQueue {
  const calls: HandlerCall[] = [];
  let running: Promise<void> | null = null;
  let afterEach = () => {};

  async function runAll(): Promise<void> {
    for (let call = calls.shift(); call !== undefined; call = calls.shift()) {
      if (signal.aborted) break;
      await run(call);
      afterEach();
    }
    running = null;
  }

  return {
    get length() {
      return calls.length;
    },
    add(call) {
      calls.push(call);
      running ??= Promise.resolve().then(runAll);
    },
    get running() {
      return running;
    },
    onDone: (callback) => void (afterEach = callback),
  };
}
