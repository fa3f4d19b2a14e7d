/**
 * Draws the process tree byte for byte as `pstree -lT` of psmisc does: equal siblings are drawn
 * once. On the page, groups of these can be expanded: see expanded-groups.ts.
 */
import { type ExpandedGroups, type GroupPart, type Siblings, siblings } from "./expanded-groups.ts";
import type { Process } from "./proc.ts";
import { growTree, type TreeNode, type Scope } from "./process-tree.ts";

export type Charset = "ascii" | "utf8";

/** A piece of a line. */
export interface Segment {
  text: string;
  /** The processes that this piece represents; none for lines, counts and brackets. */
  pids: readonly number[];
  /** Its role in a group that can be expanded; null outside of one. */
  part: GroupPart | null;
}

export type Line = readonly Segment[];

export interface PstreeOptions {
  charset?: Charset;
  /** Show PIDs, as `pstree -p` does; then nothing is compacted. */
  pids?: boolean;
  /** Draw equal siblings once, as `3*[server]`. Defaults to true. */
  compact?: boolean;
  /** The groups that are drawn expanded. If nothing is compacted, only its `pageSize` matters. */
  expanded?: ExpandedGroups;
}

/** Equal siblings that are drawn as one piece. */
interface Branch extends Siblings {
  /**
   * How many of them each parent has: fewer than `nodes` if the parent
   * represents several processes.
   */
  count: number;
  /** The text before it, which joins it to its parent or begins its line. */
  lead: string;
  /** The text that begins each further line below it. */
  indent: string;
  /** The closing brackets of the groups around it, which end each line. */
  closing: string;
}

interface Style {
  glyphs: (typeof GLYPHS)[Charset];
  pids: boolean;
  /** Every group is expanded, a page of each. */
  expandAll: boolean;
  expanded: ExpandedGroups;
}

const GLYPHS = {
  ascii: { only: "---", first: "-+-", next: "|-", last: "`-", down: "| ", gap: "  " },
  utf8: { only: "───", first: "─┬─", next: "├─", last: "└─", down: "│ ", gap: "  " },
};

const NO_EXPANDED_GROUPS: ExpandedGroups = {
  starts: new Map(),
  pageSize: Number.POSITIVE_INFINITY,
};

/**
 * Draws the processes as a tree, one line per leaf. Returns no lines if the
 * server's PID is not among them.
 *
 * @example pstreeText(pstree(readProcesses(), { scope: "server", pid: process.pid }))
 */
export function pstree(
  processes: readonly Process[],
  root: Scope,
  options: PstreeOptions = {},
): Line[] {
  return drawTree(growTree(processes, root), options);
}

/** Draws a tree depth first. */
export function drawTree(
  top: TreeNode | null,
  {
    charset = "ascii",
    pids = false,
    compact = true,
    expanded = NO_EXPANDED_GROUPS,
  }: PstreeOptions = {},
): Line[] {
  if (top === null) return [];
  const style = { glyphs: GLYPHS[charset], pids, expandAll: pids || !compact, expanded };
  const lines: Line[] = [];
  let line: Segment[] = [];
  const root = { nodes: [top], part: null, count: 1, lead: "", indent: "", closing: "" };
  const waiting: Branch[] = [root];
  // The first child continues the line of its parent; a leaf ends the line.
  for (let branch = waiting.pop(); branch; branch = waiting.pop()) {
    const name = label(branch, pids);
    const below = branches(branch, name.length, style);
    line.push(...segments(branch, name, below.length === 0));
    for (const next of below.reverse()) waiting.push(next);
    if (below.length > 0) continue;
    lines.push(line);
    line = [];
  }
  return lines;
}

/** Returns the lines as text, each with a line feed. */
export function pstreeText(lines: readonly Line[]): string {
  return lines.map((line) => line.map(({ text }) => text).join("") + "\n").join("");
}

/** Returns the name as pstree prints it: printable ASCII as itself, any other byte in octal. */
function label({ nodes }: Branch, pids: boolean): string {
  const { comm = "", pid } = nodes[0]?.process ?? {};
  const name = comm.replace(/[^ -~]|\\/g, (byte) =>
    byte === "\\" ? "\\\\" : "\\" + byte.charCodeAt(0).toString(8).padStart(3, "0"),
  );
  return pids && nodes.length === 1 ? `${name}(${pid})` : name;
}

function segments(branch: Branch, name: string, leaf: boolean): Segment[] {
  const { nodes, part, count, lead, closing } = branch;
  const pids = nodes.map(({ process }) => process.pid);
  const [open, close] = brackets(count);
  const pieces = leaf
    ? [plain(lead), { text: open + name + close, pids, part }, plain(closing)]
    : [plain(lead + open), { text: name, pids, part }];
  return pieces.filter(({ text }) => text !== "");
}

function plain(text: string): Segment {
  return { text, pids: [], part: null };
}

/** Returns the branches below `parent`, whose name is `width` characters wide. */
function branches(parent: Branch, width: number, { glyphs, expandAll, expanded }: Style): Branch[] {
  const groups = below(parent.nodes, expanded, expandAll);
  const [opening, close] = brackets(parent.count);
  const margin = parent.indent + " ".repeat(opening.length + width + 1);
  return groups.map(({ nodes, part }, index) => {
    const last = index === groups.length - 1;
    const [first, further] = last ? [glyphs.only, glyphs.last] : [glyphs.first, glyphs.next];
    return {
      nodes,
      part,
      count: nodes.length / parent.nodes.length,
      lead: index === 0 ? first : margin + further,
      indent: margin + (last ? glyphs.gap : glyphs.down),
      closing: parent.closing + close,
    };
  });
}

/** Groups the children of equal parents. Groups can be expanded only below a single parent. */
function below(
  parents: readonly TreeNode[],
  expanded: ExpandedGroups,
  expandAll: boolean,
): readonly Siblings[] {
  const [parent] = parents;
  if (parent === undefined || parent.children.length === 0) return [];
  if (parents.length === 1) return siblings(parent, expanded, expandAll);
  const children = parents.flatMap((node) => node.children);
  const groups = Map.groupBy(children, ({ shape }) => shape);
  return [...groups.values()].map((nodes) => ({ nodes, part: null }));
}

function brackets(count: number): [open: string, close: string] {
  return count > 1 ? [`${count}*[`, "]"] : ["", ""];
}
