/** What was sent to a client and not taken by it yet. */

export interface Outbox {
  /** True while there is anything in it. */
  readonly isFull: boolean;
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

export function outbox(): Outbox {
  let pieces: Buffer[] = [];
  let next = 0; // pieces before it have gone

  function takePiece(): Buffer {
    const taken: Buffer[] = [];
    let size = 0;
    while (next < pieces.length && size < PIECE) {
      const piece = pieces[next] as Buffer;
      taken.push(piece);
      size += piece.length;
      next += 1;
    }
    return taken.length === 1 ? (taken[0] as Buffer) : Buffer.concat(taken, size);
  }

  function putBack(rest: Buffer): void {
    pieces = [rest, ...pieces.slice(next)];
    next = 0;
  }

  return {
    get isFull() {
      return next < pieces.length;
    },
    add(bytes) {
      if (bytes.length > 0) pieces.push(bytes);
    },
    empty(write) {
      while (next < pieces.length) {
        const piece = takePiece();
        const written = write(piece);
        if (written < 0) return false;
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
