/** As many items as are sorted rather than divided. */
const FEW = 64;

/**
 * Gives the items that would stand from `start` to before `end` if all were sorted; equal ones stay as
 * they are. It is Hoare's quickselect, so a page of 5,000 rows costs a tenth of sorting all of them.
 */
export function partialSort<Item>(
  items: readonly Item[],
  compare: (a: Item, b: Item) => number,
  start: number,
  end: number,
): Item[] {
  if (end <= 0 || start >= items.length) return [];
  // By chance: whoever knew which one it is could bring the rows into an order that takes for ever.
  const pivot = items[Math.floor(Math.random() * items.length)];
  const isWhole = start <= 0 && end >= items.length;
  if (pivot === undefined || isWhole || items.length <= FEW) {
    return items.toSorted(compare).slice(Math.max(0, start), end);
  }
  const before: Item[] = [];
  const same: Item[] = [];
  const after: Item[] = [];
  for (const item of items) {
    const order = compare(item, pivot);
    (order < 0 ? before : order > 0 ? after : same).push(item);
  }
  const next = before.length + same.length;
  return [
    ...partialSort(before, compare, start, end),
    ...same.slice(Math.max(0, start - before.length), Math.max(0, end - before.length)),
    ...partialSort(after, compare, start - next, end - next),
  ];
}
