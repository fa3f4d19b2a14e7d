/** A range of user IDs, which are group IDs, too. */
export interface UidRange {
  first: number;
  last: number;
}

/**
 * Left unused by every distribution and by systemd, between its container IDs and the IDs that some
 * programs take for negative: https://systemd.io/UIDS-GIDS.
 */
export const DEFAULT_UIDS: UidRange = { first: 1_879_048_192, last: 2_147_483_647 };

/** Returns a range as a user writes it: `1879048192-2147483647`. */
export function formatUids({ first, last }: UidRange): string {
  return `${first}-${last}`;
}

/** Returns true if `map`, the text of /proc/self/uid_map, is that of the first user namespace. */
export function isInitialNamespace(map: string): boolean {
  return /^\s*0\s+0\s+4294967295\s*$/.test(map);
}

/**
 * Returns why this process cannot use a range of IDs, or null. `map` is the text of
 * /proc/self/uid_map or gid_map, which lists the IDs of a user namespace as lines of first ID,
 * first ID outside, and number (user_namespaces(7)).
 */
export function unmappedReason({ first, last }: UidRange, map: string): string | null {
  const isMapped = map.split("\n").some((line) => {
    const [from = Number.NaN, , count = 0] = line.trim().split(/\s+/).map(Number);
    return from <= first && last < from + count;
  });
  return isMapped ? null : `the user namespace has no IDs ${formatUids({ first, last })}`;
}
