/**
 * Returns a function that queues its arguments and passes one to `take` in
 * each turn of the event loop.
 *
 * Bun accepts clients until none is waiting, all in one turn. Starting a process takes longer than
 * the next client takes to arrive: on a busy machine that turn did not end, so that nothing else
 * was done, and children that had ended stayed zombies.
 */
export function onePerTurn<T>(take: (item: T) => void): (item: T) => void {
  const queue: T[] = [];
  let isScheduled = false;

  function schedule(item: T): void {
    isScheduled = true;
    setImmediate(turn);
    take(item);
  }

  function turn(): void {
    const item = queue.shift();
    if (item === undefined) isScheduled = false;
    else schedule(item);
  }

  return (item) => {
    if (isScheduled) queue.push(item);
    else schedule(item);
  };
}
