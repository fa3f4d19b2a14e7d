/**
 * A flag that can be waited for again and again. `Promise.race` with a promise that lives as long
 * as a stream would hold memory for each wait.
 */
export interface Wakeup {
  raise(): void;
  /** Settles when the flag is raised, or after `timeoutMs`. Lowers the flag. */
  raised(timeoutMs: number): Promise<void>;
}

export function createWakeup(): Wakeup {
  let isRaised = false;
  let wake = () => {};
  return {
    raise() {
      isRaised = true;
      wake();
    },
    async raised(timeoutMs) {
      if (!isRaised) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeoutMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      isRaised = false;
    },
  };
}
