/**
 * Hands out user IDs from a range, a different one for each child.
 *
 * An ID is reused only when none of its processes lives, and only after all the others in the
 * range. So what a child has left behind, such as a file in /tmp, doesn't soon belong to another
 * client. Several servers may share a range: each begins at a random place in it, an ID that any
 * process has is skipped, and uid-blocks.ts keeps two of them from taking the same one at the same
 * time.
 */
import type { UidBlocks } from "./uid-blocks.ts";
import { formatUids, type UidRange } from "./uid-range.ts";

export interface Uids {
  /**
   * Returns an ID that neither a process nor another server uses. It is the caller's until
   * `release`.
   * @throws an error with code EAGAIN if none is free
   */
  take(): number;
  release(uid: number): void;
}

/** How many IDs in a row are tried before a child is refused: that takes some 10 ms. */
const MAX_TRIES = 20_000;

/**
 * `isActive` returns true if a process has this user ID. `start`: the first ID to hand
 * out; random unless given.
 */
export function createUids(
  range: UidRange,
  blocks: UidBlocks,
  isActive: (uid: number) => boolean,
  start = randomIn(range),
): Uids {
  const { first, last } = range;
  const taken = new Set<number>();
  const maxTries = Math.min(last - first + 1, MAX_TRIES);
  let next = start;

  const after = (uid: number) => (uid >= last ? first : uid + 1);

  return {
    take() {
      for (let tries = 0; tries < maxTries; tries += 1) {
        const uid = next;
        next = after(uid);
        if (taken.has(uid)) continue;
        if (!blocks.enter(uid)) {
          next = after(blocks.lastOf(uid));
        } else if (isActive(uid)) {
          blocks.leave(uid);
        } else {
          taken.add(uid);
          return uid;
        }
      }
      throw Object.assign(new Error(`EAGAIN: no free user ID in ${formatUids(range)}`), {
        code: "EAGAIN",
      });
    },
    release(uid) {
      if (taken.delete(uid)) blocks.leave(uid);
    },
  };
}

function randomIn({ first, last }: UidRange): number {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  return first + (random % (last - first + 1));
}
