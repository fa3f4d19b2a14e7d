/**
 * Decides who gets a stream when too few are left: operators come before watchers, and each source
 * has a share. Pure.
 */

export interface StreamOwner {
  /** The address, or the network that counts as one source. */
  source: string;
  isOperator: boolean;
}

/** The part of all streams that watchers from one source can have. */
const WATCHER_SHARE = 1 / 4;

/**
 * Decides about a stream for `owner` if `open`, oldest first, are open and at most `max` may be.
 * Returns null if there is room, the one to close in its favour, or "refuse".
 *
 * When all are taken, an operator takes the oldest stream of the source whose watchers have most.
 * Among equals, only a source with fewer streams takes one from the source with most: so no source
 * can lock another out, and streams that are reopened do not close each other forever.
 */
export function chooseDisplaced<Stream extends StreamOwner>(
  open: readonly Stream[],
  owner: StreamOwner,
  max: number,
): Stream | null | "refuse" {
  const { source, isOperator } = owner;
  const equals = open.filter((stream) => stream.isOperator === isOperator);
  const own = equals.filter((stream) => stream.source === source);
  if (!isOperator && own.length >= Math.max(1, Math.floor(max * WATCHER_SHARE))) return "refuse";
  if (open.length < max) return null;
  if (isOperator) {
    const [oldest] = largestSource(open.filter((stream) => !stream.isOperator));
    if (oldest !== undefined) return oldest;
  }
  const largest = largestSource(equals);
  const [oldest] = largest;
  return oldest !== undefined && largest.length > own.length + 1 ? oldest : "refuse";
}

/** Returns the streams of the source that has most of them, oldest first. */
function largestSource<Stream extends StreamOwner>(streams: readonly Stream[]): readonly Stream[] {
  const bySource = Map.groupBy(streams, ({ source }) => source);
  return [...bySource.values()].reduce(
    (largest, list) => (list.length > largest.length ? list : largest),
    [],
  );
}
