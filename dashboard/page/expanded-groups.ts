/**
 * The groups of the tree that a viewer has expanded, as written in the page's
 * address: `4711.server*8123`.
 */
import type { ExpandedGroups, GroupPart } from "../../shared/expanded-groups.ts";

/**
 * The expanded groups by their keys, each with the PID of the first member
 * shown; 0 for the group's first.
 */
export type GroupStarts = ExpandedGroups["starts"];

/** Members of one expanded group that are shown at a time: nobody reads a list of thousands. */
export const MEMBERS_PER_PAGE = 100;

/** Groups that are expanded at once; if there are more, the oldest are collapsed. */
const MAX_EXPANDED = 8;

/** A group's key, then the PID from which its members are shown unless it is the first. */
const EXPANDED_GROUP = /^(\d{1,10}\.[\w-]{0,64}(?:\.[0-9a-z]{1,8})?)(?:\*(\d{1,10}))?$/;

/** Parses untrusted text; anything that is not a group's name is skipped. */
export function parseExpandedGroups(text: string): GroupStarts {
  const groups = text.split(" ").flatMap((word): [string, number][] => {
    const [, key, from] = EXPANDED_GROUP.exec(word) ?? [];
    return key === undefined ? [] : [[key, Number(from ?? 0)]];
  });
  return new Map(groups.slice(-MAX_EXPANDED));
}

/** Returns "" if no group is expanded. */
export function formatExpandedGroups(groups: GroupStarts): string {
  return Array.from(groups, ([key, from]) => (from === 0 ? key : `${key}*${from}`)).join(" ");
}

/** Returns the groups with this one expanded too, shown from its `from` on. */
export function withGroupExpanded(groups: GroupStarts, { key, from }: GroupPart): GroupStarts {
  return new Map([...withGroupCollapsed(groups, { key }), [key, from]]);
}

/** Returns the groups without this one. */
export function withGroupCollapsed(
  groups: GroupStarts,
  { key }: Pick<GroupPart, "key">,
): GroupStarts {
  return new Map([...groups].filter(([other]) => other !== key));
}
