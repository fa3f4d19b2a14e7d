/**
 * Many session ids in few characters, for a form and for the browser's own script. An id is its master's
 * instance and a number that counts up, so `lx3k9:1-5000,5003` says 5,001 of them.
 */

/** Sessions of one master. */
export interface IdSet {
  instance: string;
  /** From and with the first to and with the last; ascending, and apart from each other. */
  ranges: readonly (readonly [first: number, last: number])[];
}

export function packIds(instance: string, numbers: Iterable<number>): string {
  const ranges: [number, number][] = [];
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  const parts = ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  return `${instance}:${parts.join(",")}`;
}

/** Null where the text is nothing that `packIds` gives. */
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

/** How many sessions they are. */
export function countIds({ ranges }: IdSet): number {
  return ranges.reduce((count, [first, last]) => count + last - first + 1, 0);
}

/** The number in an id; NaN if it is another master's, or none. */
export function sessionNumber(id: string, instance: string): number {
  return id.startsWith(`${instance}-`) ? Number(id.slice(instance.length + 1)) : Number.NaN;
}

/** Gives those of `items` that are in the set; both ascend by their numbers. */
export function selectByIds<Item extends { id: string }>(
  { instance, ranges }: IdSet,
  items: readonly Item[],
): Item[] {
  const left = ranges.values();
  let range = left.next();
  return items.filter(({ id }) => {
    const number = sessionNumber(id, instance);
    while (!range.done && range.value[1] < number) range = left.next();
    return !range.done && range.value[0] <= number;
  });
}
