/** Functions to call when something happens. */
export interface Listeners<T> {
  /** Calls `listener` each time from now on; returns a function that stops that. */
  add(listener: (value: T) => void): () => void;
  notify(value: T): void;
}

export function createListeners<T = void>(): Listeners<T> {
  const listeners = new Set<(value: T) => void>();
  return {
    add(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    notify(value) {
      for (const listener of listeners) listener(value);
    },
  };
}
