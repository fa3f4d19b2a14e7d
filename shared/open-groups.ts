/**
 * Groups of equal siblings that are drawn one by one, some at a time: those before and after stay folded. pstree
 * has no such option, and the text that we give as pstree's is without it.
 */
import type { Node } from "./process-tree.ts";

export interface OpenGroups {
  /** The groups that are open, by their keys: from which pid on members are shown, 0 for the first. */
  starts: ReadonlyMap<string, number>;
  /** Of one group so many members are shown one by one. */
  pageSize: number;
}

/** What a group, or a member of it, has to do with opening. */
export interface GroupPart {
  /** The same for as long as the parent lives, whichever members come and go. */
  key: string;
  /** folded: a whole group. Of an open one: what is folded before and after, the first that is shown, a further one. */
  state: "folded" | "before" | "after" | "first" | "further";
  /** What is folded is opened from here on, as in `OpenParts`. */
  from: number;
}

/** Equal siblings, to be drawn as one. */
export interface Siblings {
  nodes: readonly Node[];
  part: GroupPart | null;
}

/**
 * The children of one process in their order: equal ones together at the place of the first, and those of an open
 * group apart. `all`: each group is open.
 */
export function siblings(
  parent: Node,
  { starts: parts, pageSize: atATime }: OpenGroups,
  all: boolean,
): Siblings[] {
  const groups = Map.groupBy(parent.children, ({ shape }) => shape);
  const byFirst = new Map<Node | undefined, Siblings>();
  for (const [{ name }, nodes] of groups) {
    const key = `${parent.process.pid}.${name}`;
    const from = parts.get(key) ?? (all ? 0 : null);
    for (const piece of split(nodes, key, from, atATime)) byFirst.set(piece.nodes[0], piece);
  }
  if (byFirst.size === groups.size) return [...byFirst.values()];
  return parent.children.flatMap((node) => byFirst.get(node) ?? []);
}

/** A group as it is drawn: as one, or what is before, each that is shown, and what is after. */
function split(
  nodes: readonly Node[],
  key: string,
  from: number | null,
  atATime: number,
): Siblings[] {
  if (nodes.length === 1) return [{ nodes, part: null }];
  if (from === null) return [{ nodes, part: { key, state: "folded", from: 0 } }];
  const found = nodes.findIndex(({ process }) => process.pid >= from);
  // Where all of these have ended by now, the last are shown.
  const start = found < 0 ? Math.max(0, nodes.length - atATime) : found;
  const [before, shown, after] = [
    nodes.slice(0, start),
    nodes.slice(start, start + atATime),
    nodes.slice(start + atATime),
  ];
  const previous = start > atATime ? pidOf(nodes[start - atATime]) : 0;
  const pieces: Siblings[] = [
    { nodes: before, part: { key, state: "before", from: previous } },
    ...shown.map((node, i): Siblings => {
      return { nodes: [node], part: { key, state: i === 0 ? "first" : "further", from } };
    }),
    { nodes: after, part: { key, state: "after", from: pidOf(after[0]) } },
  ];
  return pieces.filter(({ nodes }) => nodes.length > 0);
}

function pidOf(node: Node | undefined): number {
  return node?.process.pid ?? 0;
}
