/** The groups of the tree that a reader has opened, as the page's address tells of them: `4711.server*8123`. */
import type { OpenGroups, GroupPart } from "../../shared/open-groups.ts";

export type GroupStarts = OpenGroups["parts"];

/** Of a group of thousands so many members are shown at a time: more is nothing to read. */
export const MEMBERS_PER_PAGE = 100;

/** Groups that are open at once; of more, the last opened. */
const MOST_OPEN = 8;

/** The group's key, and the pid from which on its members are shown where that is not the first. */
const OPEN = /^(\d{1,10}\.[\w-]{0,64}(?:\.[0-9a-z]{1,8})?)(?:\*(\d{1,10}))?$/;

/** Takes it as it came; what is no group's name is left out. */
export function parseExpandedGroups(text: string): GroupStarts {
  const found = text.split(" ").flatMap((one): [string, number][] => {
    const [, key, from] = OPEN.exec(one) ?? [];
    return key === undefined ? [] : [[key, Number(from ?? 0)]];
  });
  return new Map(found.slice(-MOST_OPEN));
}

/** "" where none is open. */
export function formatExpandedGroups(parts: GroupStarts): string {
  return Array.from(parts, ([key, from]) => (from === 0 ? key : `${key}*${from}`)).join(" ");
}

/** With that one open, too, from where it tells. */
export function withGroupExpanded(parts: GroupStarts, { key, from }: GroupPart): GroupStarts {
  return new Map([...parts].filter(([other]) => other !== key).concat([[key, from]]));
}

export function withGroupCollapsed(parts: GroupStarts, { key }: GroupPart): GroupStarts {
  return new Map([...parts].filter(([other]) => other !== key));
}
