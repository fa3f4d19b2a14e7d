/** Bytes that wait to be taken by a client, a terminal or the other end of a channel. */

export interface Outbox {
  readonly isEmpty: boolean;
  /** How many bytes are waiting. */
  readonly size: number;
  /**
   * The pieces that were added and have not been taken; those that `flush` has joined count as one.
   */
  readonly count: number;
  /** Appends bytes, which belong to the outbox from now on. */
  add(bytes: Buffer): void;
  /**
   * Passes the bytes to `write`, which returns how many of them it took, until it takes fewer than
   * it was given. Returns false if `write` returned a negative number: the connection is broken.
   */
  flush(write: (bytes: Buffer) => number): boolean;
  /** Discards everything in it. */
  clear(): void;
}

/** Pieces are joined into writes of about this size: a service may send a great many small ones. */
const JOINED_WRITE_BYTES = 65_536;

export function createOutbox(): Outbox {
  let pieces: Buffer[] = [];
  let next = 0; // the pieces before it were taken
  let size = 0;

  function takePiece(): Buffer {
    const taken: Buffer[] = [];
    for (let length = 0; next < pieces.length && length < JOINED_WRITE_BYTES; next += 1) {
      const piece = pieces[next] as Buffer;
      taken.push(piece);
      length += piece.length;
    }
    return taken.length === 1 ? (taken[0] as Buffer) : Buffer.concat(taken);
  }

  function putBack(rest: Buffer): void {
    pieces = [rest, ...pieces.slice(next)];
    next = 0;
  }

  return {
    get isEmpty() {
      return next === pieces.length;
    },
    get size() {
      return size;
    },
    get count() {
      return pieces.length - next;
    },
    add(bytes) {
      if (bytes.length > 0) pieces.push(bytes);
      size += bytes.length;
    },
    flush(write) {
      while (next < pieces.length) {
        const piece = takePiece();
        const written = write(piece);
        if (written < 0) return false;
        size -= written;
        if (written === piece.length) continue;
        putBack(piece.subarray(written));
        return true;
      }
      pieces = [];
      next = 0;
      return true;
    },
    clear() {
      pieces = [];
      next = 0;
      size = 0;
    },
  };
}
