/**
 * The local time for children. A new Bun takes 4 to 6 ms and 1.5 MB for its first look at the time
 * zones: the master looks, once for many, and tells its children what it found.
 */

/** How far local time is from UTC, and for how long that is sure. */
export interface UtcOffset {
  /** Minutes to add to UTC. */
  minutes: number;
  /** Milliseconds since the epoch. */
  until: number;
}

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** The offset of this moment; at an hour in which clocks are changed it is sure for no time. */
export function utcOffset(now = Date.now()): UtcOffset {
  const minutes = offsetAt(now);
  return { minutes, until: offsetAt(now + HOUR) === minutes ? now + HOUR : now };
}

/** `YYYY/MM/DD HH:MM:SS` of `now`, the tutorial's `date("Y/m/d H:i:s")`. */
export function formatLocalTime(offset: UtcOffset, now = Date.now()): string {
  const minutes = now < offset.until ? offset.minutes : offsetAt(now);
  const date = new Date(now + minutes * MINUTE); // its UTC fields are now the local ones
  const two = (value: number) => (value < 10 ? `0${value}` : `${value}`);
  const day = `${date.getUTCFullYear()}/${two(date.getUTCMonth() + 1)}/${two(date.getUTCDate())}`;
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(":");
  return `${day} ${time}`;
}

function offsetAt(time: number): number {
  return -new Date(time).getTimezoneOffset();
}
