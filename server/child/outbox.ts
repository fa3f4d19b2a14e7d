/** What was sent and not taken yet, by a client or a terminal. */

export interface Outbox {
  /** True while there is anything in it. */
  readonly isFull: boolean;
  /** Bytes in it. */
  readonly size: number;
  /** Puts bytes at its end; they are its own from now on. */
  add(bytes: Buffer): void;
  /**
   * Passes all in it to `write`, which says how many of the bytes it took, until that takes less than it was
   * given. False where it gives a negative number: the connection is broken.
   */
  empty(write: (bytes: Buffer) => number): boolean;
}

/** Bytes that are put together for one write: a service may send very many small pieces. */
const PIECE = 65_536;

export function createOutbox(): Outbox {
  let pieces: Buffer[] = [];
  let next = 0; // pieces before it have gone
  let size = 0;

  function takePiece(): Buffer {
    const taken: Buffer[] = [];
    for (let length = 0; next < pieces.length && length < PIECE; next += 1) {
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
    get isFull() {
      return next < pieces.length;
    },
    get size() {
      return size;
    },
    add(bytes) {
      if (bytes.length > 0) pieces.push(bytes);
      size += bytes.length;
    },
    empty(write) {
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
  };
}
