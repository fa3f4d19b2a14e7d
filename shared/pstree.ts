/**
 * The process tree as `pstree -lT` of psmisc draws it, equal to the byte: equal siblings are drawn once.
 * The page may have groups of these opened: see open-parts.ts.
 */
import { type OpenGroups, type GroupPart, type Siblings, siblings } from "./open-groups.ts";
import type { Process } from "./proc.ts";
import { growTree, type Node, type Scope } from "./process-tree.ts";

export type Charset = "ascii" | "utf8";

/** A piece of a line. */
export interface Segment {
  text: string;
  /** The processes that this piece stands for; none for lines, counts and brackets. */
  pids: readonly number[];
  /** The group that it is, or is of, if that can be opened. */
  part: GroupPart | null;
}

export type Line = readonly Segment[];

export interface PstreeOptions {
  charset?: Charset;
  /** Show the pids, as `pstree -p` does; then nothing is compacted. */
  pids?: boolean;
  /** Draw equal siblings once, as `3*[server]`; true unless told otherwise. */
  compact?: boolean;
  /** Groups that are drawn one by one; where nothing is compacted this tells how much of each. */
  open?: OpenGroups;
}

/** Equal siblings, to be drawn as one. */
interface Branch extends Siblings {
  /** How many of them one parent has: fewer than `nodes` when the parent stands for several. */
  count: number;
  /** What joins it to its parent, or begins its line. */
  lead: string;
  /** What begins each further line below it. */
  indent: string;
  /** The brackets around it, which each line closes. */
  closing: string;
}

interface Style {
  glyphs: (typeof GLYPHS)[Charset];
  pids: boolean;
  /** No group is drawn as one, as far as `open` allows. */
  apart: boolean;
  open: OpenGroups;
}

const GLYPHS = {
  ascii: { only: "---", first: "-+-", next: "|-", last: "`-", down: "| ", gap: "  " },
  utf8: { only: "───", first: "─┬─", next: "├─", last: "└─", down: "│ ", gap: "  " },
};

const AS_PSTREE: OpenGroups = { starts: new Map(), pageSize: Number.POSITIVE_INFINITY };

/**
 * Draws the tree of the processes, one line a leaf; no line when the server's pid is not in it.
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

/** Draws a tree that has grown already, depth first. */
export function drawTree(
  top: Node | null,
  { charset = "ascii", pids = false, compact = true, open = AS_PSTREE }: PstreeOptions = {},
): Line[] {
  if (top === null) return [];
  const style = { glyphs: GLYPHS[charset], pids, apart: pids || !compact, open };
  const lines: Line[] = [];
  let line: Segment[] = [];
  const root = { nodes: [top], part: null, count: 1, lead: "", indent: "", closing: "" };
  const waiting: Branch[] = [root];
  // A node goes on in the line of its parent, or begins one after a leaf.
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

/** The lines as text, each ended by a newline. */
export function pstreeText(lines: readonly Line[]): string {
  return lines.map((line) => line.map(({ text }) => text).join("") + "\n").join("");
}

/** The name as pstree prints it: printable ASCII as it is, any other byte in octal. */
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

/** What is below a branch. */
function branches(parent: Branch, width: number, { glyphs, apart, open }: Style): Branch[] {
  const groups = below(parent.nodes, open, apart);
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

/** Of equal parents all equal children are one: only those of a single one can stand apart. */
function below(parents: readonly Node[], open: OpenGroups, apart: boolean): readonly Siblings[] {
  const [parent] = parents;
  if (parent === undefined || parent.children.length === 0) return [];
  if (parents.length === 1) return siblings(parent, open, apart);
  const children = parents.flatMap((node) => node.children);
  const groups = Map.groupBy(children, ({ shape }) => shape);
  return [...groups.values()].map((nodes) => ({ nodes, part: null }));
}

function brackets(count: number): [open: string, close: string] {
  return count > 1 ? [`${count}*[`, "]"] : ["", ""];
}
