/**
 * Groups of equal siblings that are drawn expanded, one page of members at a time; those before and
 * after stay collapsed. pstree has no such option, so this is used only by the dashboard's page.
 */
import type { TreeNode } from "./process-tree.ts";

export interface ExpandedGroups {
  /** The expanded groups: by key, the PID from which members are shown; 0: from the first. */
  starts: ReadonlyMap<string, number>;
  /** Members of a group that are shown at a time. */
  pageSize: number;
}

/** The role of a piece of the drawing in its group. */
export interface GroupPart {
  /** Identifies the group for as long as the parent lives, whichever members come and go. */
  key: string;
  /**
   * collapsed: a whole group. In an expanded group: "before" and "after" are collapsed, "first" is
   * the first member shown, "further" any other.
   */
  state: "collapsed" | "before" | "after" | "first" | "further";
  /** The start of the group after expanding this piece, as in `ExpandedGroups.starts`. */
  from: number;
}

/** Equal siblings that are drawn as one piece. */
export interface Siblings {
  nodes: readonly TreeNode[];
  part: GroupPart | null;
}

/**
 * Returns the children of one process in order. Equal ones are together at the position of the
 * first; those of an expanded group are apart. `all`: every group is expanded.
 */
export function siblings(
  parent: TreeNode,
  { starts, pageSize }: ExpandedGroups,
  all: boolean,
): Siblings[] {
  const groups = Map.groupBy(parent.children, ({ shape }) => shape);
  const byFirst = new Map<TreeNode | undefined, Siblings>();
  for (const [{ name }, nodes] of groups) {
    const key = `${parent.process.pid}.${name}`;
    const from = starts.get(key) ?? (all ? 0 : null);
    for (const piece of splitGroup(nodes, key, from, pageSize)) byFirst.set(piece.nodes[0], piece);
  }
  if (byFirst.size === groups.size) return [...byFirst.values()];
  return parent.children.flatMap((node) => byFirst.get(node) ?? []);
}

/**
 * Returns the pieces of a group: all of it, or the members before, each one shown, and those after.
 */
function splitGroup(
  nodes: readonly TreeNode[],
  key: string,
  from: number | null,
  pageSize: number,
): Siblings[] {
  if (nodes.length === 1) return [{ nodes, part: null }];
  if (from === null) return [{ nodes, part: { key, state: "collapsed", from: 0 } }];
  const found = nodes.findIndex(({ process }) => process.pid >= from);
  // If none of these is left, the last page is shown.
  const start = found < 0 ? Math.max(0, nodes.length - pageSize) : found;
  const [before, shown, after] = [
    nodes.slice(0, start),
    nodes.slice(start, start + pageSize),
    nodes.slice(start + pageSize),
  ];
  const previous = start > pageSize ? pidOf(nodes[start - pageSize]) : 0;
  const pieces: Siblings[] = [
    { nodes: before, part: { key, state: "before", from: previous } },
    ...shown.map((node, i): Siblings => {
      return { nodes: [node], part: { key, state: i === 0 ? "first" : "further", from } };
    }),
    { nodes: after, part: { key, state: "after", from: pidOf(after[0]) } },
  ];
  return pieces.filter(({ nodes }) => nodes.length > 0);
}

function pidOf(node: TreeNode | undefined): number {
  return node?.process.pid ?? 0;
}
