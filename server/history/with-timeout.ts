/**
 * Settles as the promise does. Rejects if that takes longer than `ms`, which
 * only a disk that hangs does.
 */
export function withTimeout<T>(promise: Promise<T>, ms: number): Promise<T> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(new Error("the disk does not answer")), ms);
  return Promise.race([promise, timeout.promise]).finally(() => clearTimeout(timer));
}
