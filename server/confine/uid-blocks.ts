/**
 * Keeps several servers from using the same user IDs. Each server locks the IDs that it uses, as
 * bytes of a file that all of them open: in blocks, so that it costs nothing per client. A lock
 * ends with its server; an ID of processes that its children have left behind is skipped (uids.ts).
 */
import type { ByteLocks } from "../os/byte-locks.ts";
import type { UidRange } from "./uid-range.ts";

/**
 * In a directory of root's, so that no child can lock it. Servers in other containers have a file
 * of their own.
 */
export const UID_LOCKS_PATH = "/run/brood-uids";

/** In a smaller range, each ID is a block: two servers can share all of them. */
const MAX_BLOCKS = 4096;

export interface UidBlocks {
  /**
   * Returns false if another server uses the block of this ID; otherwise
   * it is locked until `leave`.
   */
  enter(uid: number): boolean;
  /** To be called once for each `enter` that returned true. */
  leave(uid: number): void;
  /** Returns the last ID of the block of this one. */
  lastOf(uid: number): number;
}

/** With `locks` null there are no other servers. */
export function createUidBlocks({ first, last }: UidRange, locks: ByteLocks | null): UidBlocks {
  const size = Math.ceil((last - first + 1) / MAX_BLOCKS);
  /** How many IDs of a block have been entered, by its first ID. */
  const entered = new Map<number, number>();
  const firstOf = (uid: number) => uid - ((uid - first) % size);

  return {
    enter(uid) {
      const block = firstOf(uid);
      const count = entered.get(block) ?? 0;
      if (count === 0 && locks?.lock(block, size) === false) return false;
      entered.set(block, count + 1);
      return true;
    },
    leave(uid) {
      const block = firstOf(uid);
      const count = entered.get(block) ?? 0;
      if (count > 1) {
        entered.set(block, count - 1);
      } else {
        entered.delete(block);
        locks?.unlock(block, size);
      }
    },
    lastOf: (uid) => firstOf(uid) + size - 1,
  };
}
