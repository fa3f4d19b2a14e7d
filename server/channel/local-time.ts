/**
 * The local time for children. Loading the time zones costs Bun 4 to 6 ms and 1.5 MB, so the master
 * does it once and passes the result to its children.
 */

/** The difference between local time and UTC, and how long it is valid. */
export interface UtcOffset {
  /** Minutes to add to UTC. */
  minutes: number;
  /** In milliseconds since the epoch. */
  until: number;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/**
 * Returns the offset at `now`, valid for an hour; if it changes in that hour it is already invalid.
 */
export function utcOffset(now = Date.now()): UtcOffset {
  const minutes = offsetAt(now);
  return { minutes, until: offsetAt(now + HOUR_MS) === minutes ? now + HOUR_MS : now };
}

/** Returns `now` as `YYYY/MM/DD HH:MM:SS`, the tutorial's `date("Y/m/d H:i:s")`. */
export function formatLocalTime(offset: UtcOffset, now = Date.now()): string {
  const minutes = now < offset.until ? offset.minutes : offsetAt(now);
  const date = new Date(now + minutes * MINUTE_MS); // its UTC fields are the local ones
  const two = (value: number) => (value < 10 ? `0${value}` : `${value}`);
  const day = `${date.getUTCFullYear()}/${two(date.getUTCMonth() + 1)}/${two(date.getUTCDate())}`;
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(":");
  return `${day} ${time}`;
}

function offsetAt(time: number): number {
  return -new Date(time).getTimezoneOffset();
}
