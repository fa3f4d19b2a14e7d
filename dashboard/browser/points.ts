/** The points of a page's charts, fetched piece by piece. */

/**
 * What a chart shows. Times are in ms since the epoch, ascending; null is an unknown
 * value, a gap in the line.
 */
export interface Points {
  at: readonly number[];
  series: Readonly<Record<string, readonly (number | null)[]>>;
  /** The time span shown, however few points it has. */
  from: number;
  to: number;
}

interface Response extends Points {
  ended?: boolean;
}

const FETCH_TIMEOUT_MS = 8000;

/**
 * Returns a function that fetches the points added since its last call, and returns all of them.
 * `ended` says that no more will be added. It throws if the server does not respond in time.
 */
export function createPointFetcher(
  path: string,
): () => Promise<{ points: Points; ended: boolean }> {
  let points: Points | undefined;

  return async () => {
    const url = new URL(path, location.href);
    const last = points?.at.at(-1);
    if (last !== undefined) url.searchParams.set("after", String(last));
    const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
    if (!response.ok) throw new Error(`${url.pathname} responded ${response.status}`);
    const { ended = false, ...added } = (await response.json()) as Response;
    points = points === undefined ? added : merge(points, added);
    return { points, ended };
  };
}

/**
 * Appends the points added to those so far. They replace the ones of the same time, which
 * may have been incomplete.
 */
function merge(points: Points, added: Points): Points {
  const firstAdded = added.at[0] ?? Number.POSITIVE_INFINITY;
  const replaced = points.at.findIndex((at) => at >= firstAdded);
  const end = replaced === -1 ? points.at.length : replaced;
  const inRange = points.at.findIndex((at) => at >= added.from);
  const start = inRange === -1 ? end : inRange;
  return {
    ...added,
    at: [...points.at.slice(start, end), ...added.at],
    series: Object.fromEntries(
      Object.entries(added.series).map(([name, values]) => [
        name,
        [...(points.series[name] ?? []).slice(start, end), ...values],
      ]),
    ),
  };
}
