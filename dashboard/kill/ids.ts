/**
 * Many session IDs in few characters, for a form and for the browser's script. An ID is its
 * master's instance and a number that counts up, so `lx3k9:1-5000,5003` stands for 5,001 of them.
 */

/** Sessions of one master. */
export interface IdSet {
  instance: string;
  /** Ascending, without overlaps; `first` and `last` are part of the range. */
  ranges: readonly (readonly [first: number, last: number])[];
}

export function packIds(instance: string, numbers: Iterable<number>): string {
  const ranges: [number, number][] = [];
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range !== undefined && range[1] === number - 1) range[1] = number;
    else ranges.push([number, number]);
  }
  const parts = ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  return `${instance}:${parts.join(",")}`;
}

/** Returns null if `text` is nothing that `packIds` could have returned. */
export function unpackIds(text: string): IdSet | null {
  const [, instance, list] = /^([0-9a-z]{1,16}):([0-9,-]+)$/.exec(text) ?? [];
  if (instance === undefined || list === undefined) return null;
  const ranges: [number, number][] = [];
  for (const part of list.split(",")) {
    const [, from, to] = /^([1-9]\d{0,14})(?:-([1-9]\d{0,14}))?$/.exec(part) ?? [];
    const first = Number(from);
    const last = Number(to ?? from);
    if (from === undefined || first > last || first <= (ranges.at(-1)?.[1] ?? 0)) return null;
    ranges.push([first, last]);
  }
  return { instance, ranges };
}

export function countIds({ ranges }: IdSet): number {
  return ranges.reduce((count, [first, last]) => count + last - first + 1, 0);
}

/** The number in an ID; NaN if the ID is another master's, or is none. */
export function sessionNumber(id: string, instance: string): number {
  return id.startsWith(`${instance}-`) ? Number(id.slice(instance.length + 1)) : Number.NaN;
}

/**
 * Returns those of `items` that are in the set. Items must be in ascending order of their numbers.
 */
export function selectByIds<Item extends { id: string }>(
  { instance, ranges }: IdSet,
  items: readonly Item[],
): Item[] {
  const remaining = ranges.values();
  let range = remaining.next();
  return items.filter(({ id }) => {
    const number = sessionNumber(id, instance);
    while (!range.done && range.value[1] < number) range = remaining.next();
    return !range.done && range.value[0] <= number;
  });
}
