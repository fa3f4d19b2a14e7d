/**
 * Cuts what arrives over the channel into lines, in one pass and without storing more
 * than one incomplete line.
 */

export interface LineBuffer {
  /** Takes what was read, in any split. It belongs to the buffer from now on. */
  add(bytes: Buffer): void;
  /**
   * Returns the next complete line without its LF, or null if there is none.
   * @throws {LineTooLong} if a line, complete or not, has more than `maxBytes`
   */
  next(): string | null;
}

export class LineTooLong extends Error {}

const LF = 10;
const NOTHING: Buffer = Buffer.alloc(0);
const MIN_ROOM_BYTES = 1024;

export function createLineBuffer(maxBytes: number): LineBuffer {
  /** What was read last, from `at` on. */
  let chunk = NOTHING;
  let at = 0;
  /**
   * The beginning of an incomplete line. It grows by doubling: a child may send one byte at a time.
   */
  let beginning = NOTHING;
  let length = 0;

  function keep(part: Buffer): void {
    if (length + part.length > maxBytes) throw new LineTooLong();
    if (length + part.length > beginning.length) {
      const room = Math.max(2 * beginning.length, length + part.length, MIN_ROOM_BYTES);
      const larger = Buffer.allocUnsafe(room);
      beginning.copy(larger, 0, 0, length);
      beginning = larger;
    }
    part.copy(beginning, length);
    length += part.length;
  }

  function completeWith(part: Buffer): string {
    if (length === 0) {
      if (part.length > maxBytes) throw new LineTooLong();
      return part.toString();
    }
    keep(part);
    const line = beginning.toString("utf8", 0, length);
    beginning = NOTHING;
    length = 0;
    return line;
  }

  return {
    add(bytes) {
      chunk = at === chunk.length ? bytes : Buffer.concat([chunk.subarray(at), bytes]);
      at = 0;
    },
    next() {
      const end = chunk.indexOf(LF, at);
      const part = chunk.subarray(at, end === -1 ? chunk.length : end);
      if (end !== -1) {
        at = end + 1;
        return completeWith(part);
      }
      chunk = NOTHING;
      at = 0;
      keep(part);
      return null;
    },
  };
}
