/**
 * A flag that can be waited for, again and again: `Promise.race` with a promise that lasts as long as a stream
 * would keep something of each wait in memory.
 */
export interface Wakeup {
  raise(): void;
  /** Settles when it is raised, or after `ms`; lowers it again. */
  raised(ms: number): Promise<void>;
}

export function createWakeup(): Wakeup {
  let up = false;
  let wake = () => {};
  return {
    raise() {
      up = true;
      wake();
    },
    async raised(ms) {
      if (!up) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      up = false;
    },
  };
}
