/**
 * The process tree as `pstree -lT` of psmisc draws it, equal to the byte.
 *
 * A table of processes grows into a tree, equal subtrees get one shape, and equal siblings are
 * drawn once. Each step is near-linear and a loop, not a recursion: a master has thousands of
 * children, and a chain can be thousands deep.
 */
import type { Process } from "./proc.ts";

export type Charset = "ascii" | "utf8";

/** A piece of a line. */
export interface Segment {
  text: string;
  /** The processes that this piece stands for; none for lines, counts and brackets. */
  pids: readonly number[];
}

export type Line = readonly Segment[];

/** host: all that hangs below pid 1. server: all below one process, and the way down to it. */
export type Scope = { scope: "host" } | { scope: "server"; pid: number };

export interface PstreeOptions {
  charset?: Charset;
  /** Show the pids, as `pstree -p` does; then nothing is compacted. */
  pids?: boolean;
  /** Draw equal siblings once, as `3*[server]`; true unless told otherwise. */
  compact?: boolean;
}

/** A process and all below it, siblings in pstree's order. */
export interface ProcessTree {
  process: Process;
  children: readonly ProcessTree[];
}

interface Node extends ProcessTree {
  children: readonly Node[];
  /** The process that stands for all equal subtrees. */
  shape: Process;
}

/** Equal siblings, to be drawn as one. */
interface Branch {
  shape: Process;
  nodes: readonly Node[];
  /** How many of them one parent has: fewer than `nodes` when the parent stands for several. */
  count: number;
  /** What joins it to its parent, or begins its line. */
  lead: string;
  /** What begins each further line below it. */
  indent: string;
  /** The brackets around it, which each line closes. */
  closing: string;
}

type Glyphs = (typeof GLYPHS)[Charset];

const GLYPHS = {
  ascii: { only: "---", first: "-+-", next: "|-", last: "`-", down: "| ", gap: "  " },
  utf8: { only: "───", first: "─┬─", next: "├─", last: "└─", down: "│ ", gap: "  " },
};

const INIT = 1;

/**
 * Draws the tree of the processes, one line a leaf; no line when the server's pid is not in it.
 *
 * @example pstreeText(pstree(readProcesses(), { scope: "server", pid: process.pid }))
 */
export function pstree(
  processes: readonly Process[],
  root: Scope,
  { charset = "ascii", pids = false, compact = true }: PstreeOptions = {},
): Line[] {
  const nodes = growFrom(processes, root);
  if (compact && !pids) shareShapes(nodes);
  const [top] = nodes;
  return top ? draw(top, GLYPHS[charset], pids) : [];
}

/** The same tree, not drawn; null when the server's pid is not in it. */
export function processTree(processes: readonly Process[], root: Scope): ProcessTree | null {
  return growFrom(processes, root)[0] ?? null;
}

function growFrom(processes: readonly Process[], root: Scope): Node[] {
  return grow(withUnknownParents(processes), root.scope === "host" ? INIT : root.pid);
}

/** The lines as text, each ended by a newline. */
export function pstreeText(lines: readonly Line[]): string {
  return lines.map((line) => line.map(({ text }) => text).join("") + "\n").join("");
}

/**
 * Adds a `?` below pid 1 for each parent that is not in the table: /proc hides it (hidepid), or
 * it ended while /proc was read. As in pstree, the last that is met comes first.
 */
function withUnknownParents(processes: readonly Process[]): Process[] {
  const known = new Set([0, ...processes.map(({ pid }) => pid)]);
  const unknown = new Set([INIT, ...processes.map(({ ppid }) => ppid)]).difference(known);
  const parents = [...unknown].reverse().map((pid) => {
    return { pid, ppid: pid === INIT ? 0 : INIT, uid: 0, comm: "?" };
  });
  return [...processes, ...parents];
}

/** The nodes of the tree that leads to a process and goes on below it, parents before children. */
function grow(processes: readonly Process[], pid: number): Node[] {
  const below = Map.groupBy(processes.toSorted(byNameAndOwner), ({ ppid }) => ppid);
  let top: Process | undefined;
  for (const process of lineage(processes, pid)) {
    if (top) below.set(process.pid, [top]);
    top = process;
  }
  const nodes = top ? [newNode(top)] : [];
  for (const node of nodes) {
    node.children = (below.get(node.process.pid) ?? []).map(newNode);
    below.delete(node.process.pid);
    for (const child of node.children) nodes.push(child);
  }
  return nodes;
}

/**
 * A process and its ancestors, the nearest first. Below `docker exec` they do not lead to pid 1:
 * pstree -s then draws all of pid 1 and not the process; this draws from its topmost ancestor.
 */
function lineage(processes: readonly Process[], pid: number): Set<Process> {
  const byPid = new Map(processes.map((process) => [process.pid, process]));
  const found = new Set<Process>();
  let process = byPid.get(pid);
  // A pid given anew while /proc was read could close a circle.
  while (process && !found.has(process)) {
    found.add(process);
    process = byPid.get(process.ppid);
  }
  return found;
}

function newNode(process: Process): Node {
  return { process, children: [], shape: process };
}

/** The order of siblings: by the bytes of the name, then by owner, then as listed. */
function byNameAndOwner(a: Process, b: Process): number {
  if (a.comm !== b.comm) return a.comm < b.comm ? -1 : 1;
  return a.uid - b.uid;
}

/** Gives one shape to equal subtrees: those of one name with equal children in the same order. */
function shareShapes(nodes: readonly Node[]): void {
  const shapes = new Map<string, Process>();
  for (const node of nodes.toReversed()) {
    const key = `${node.children.map(({ shape }) => shape.pid)} ${node.process.comm}`;
    node.shape = shapes.get(key) ?? node.process;
    shapes.set(key, node.shape);
  }
}

/** Draws depth first: a node goes on in the line of its parent, or begins one after a leaf. */
function draw(top: Node, glyphs: Glyphs, pids: boolean): Line[] {
  const lines: Line[] = [];
  let line: Segment[] = [];
  const waiting: Branch[] = [
    { shape: top.shape, nodes: [top], count: 1, lead: "", indent: "", closing: "" },
  ];
  for (let branch = waiting.pop(); branch; branch = waiting.pop()) {
    const name = label(branch.shape, pids);
    const below = branches(branch, name.length, glyphs);
    line.push(...segments(branch, name, below.length === 0));
    for (const next of below.reverse()) waiting.push(next);
    if (below.length > 0) continue;
    lines.push(line);
    line = [];
  }
  return lines;
}

/** The name as pstree prints it: printable ASCII as it is, any other byte in octal. */
function label({ comm, pid }: Process, pids: boolean): string {
  const name = comm.replace(/[^ -~]|\\/g, (byte) =>
    byte === "\\" ? "\\\\" : "\\" + byte.charCodeAt(0).toString(8).padStart(3, "0"),
  );
  return pids ? `${name}(${pid})` : name;
}

function segments({ nodes, count, lead, closing }: Branch, name: string, leaf: boolean): Segment[] {
  const pids = nodes.map(({ process }) => process.pid);
  const [open, close] = brackets(count);
  const pieces = leaf
    ? [plain(lead), { text: open + name + close, pids }, plain(closing)]
    : [plain(lead + open), { text: name, pids }];
  return pieces.filter(({ text }) => text !== "");
}

function plain(text: string): Segment {
  return { text, pids: [] };
}

/** The children of a branch, equal ones as one, at the place of the first. */
function branches(parent: Branch, width: number, glyphs: Glyphs): Branch[] {
  const children = parent.nodes.flatMap((node) => node.children);
  const groups = Map.groupBy(children, ({ shape }) => shape);
  const [open, close] = brackets(parent.count);
  const margin = parent.indent + " ".repeat(open.length + width + 1);
  return Array.from(groups, ([shape, nodes], index) => {
    const last = index === groups.size - 1;
    const [first, further] = last ? [glyphs.only, glyphs.last] : [glyphs.first, glyphs.next];
    return {
      shape,
      nodes,
      count: nodes.length / parent.nodes.length,
      lead: index === 0 ? first : margin + further,
      indent: margin + (last ? glyphs.gap : glyphs.down),
      closing: parent.closing + close,
    };
  });
}

function brackets(count: number): [open: string, close: string] {
  return count > 1 ? [`${count}*[`, "]"] : ["", ""];
}
