/**
 * Hands out user IDs from a range, a different one for each child.
 *
 * An ID is free for another child only when none of its processes lives, and not before all others of the range have
 * had their turn: what an earlier child has left, such as a file in /tmp, is not soon the property of another client.
 * Several servers may share a range: each begins at a random place in it, and an ID that any process has is skipped.
 */
import { randomInt } from "node:crypto";

export interface UidRange {
  first: number;
  last: number;
}

/**
 * Left unused by every distribution and by systemd, between its container IDs and the IDs that some programs take for
 * negative: https://systemd.io/UIDS-GIDS.
 */
export const DEFAULT_UIDS: UidRange = { first: 1_879_048_192, last: 2_147_483_647 };

export interface Uids {
  /** Returns an ID that no process has. It is the caller's until `release`. @throws an error with code EAGAIN if none is free */
  take(): number;
  release(uid: number): void;
}

/** So many IDs in a row are tried before a child is refused: that takes some 10 ms. */
const MAX_TRIES = 20_000;

/** `isActive` returns true if a process has this user ID. `start`: the first ID to hand out; random unless given. */
export function createUids(
  { first, last }: UidRange,
  isActive: (uid: number) => boolean,
  start = randomInt(first, last + 1),
): Uids {
  const taken = new Set<number>();
  const maxTries = Math.min(last - first + 1, MAX_TRIES);
  let next = start;

  return {
    take() {
      for (let tries = 0; tries < maxTries; tries += 1) {
        const uid = next;
        next = uid === last ? first : uid + 1;
        if (taken.has(uid) || isActive(uid)) continue;
        taken.add(uid);
        return uid;
      }
      throw Object.assign(new Error(`EAGAIN: no free user ID in ${formatUids({ first, last })}`), {
        code: "EAGAIN",
      });
    },
    release: (uid) => void taken.delete(uid),
  };
}

/** Returns a range as a user writes it: `1879048192-2147483647`. */
export function formatUids({ first, last }: UidRange): string {
  return `${first}-${last}`;
}

/**
 * Returns why this process cannot use a range of IDs, or null. `map` is the text of /proc/self/uid_map or gid_map,
 * which lists the IDs of a user namespace as lines of first ID, first ID outside, and number (user_namespaces(7)).
 */
export function unmappedReason({ first, last }: UidRange, map: string): string | null {
  const isMapped = map.split("\n").some((line) => {
    const [from = Number.NaN, , count = 0] = line.trim().split(/\s+/).map(Number);
    return from <= first && last < from + count;
  });
  return isMapped ? null : `the user namespace has no IDs ${formatUids({ first, last })}`;
}
