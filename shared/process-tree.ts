/**
 * A table of processes grown into a tree, in which equal subtrees have one shape. Each step is near-linear and
 * a loop, not a recursion: a master has thousands of children, and a chain can be thousands deep.
 */
import type { Process } from "./proc.ts";

/** host: all that hangs below pid 1. server: all below one process, and the way down to it. */
export type Scope = { scope: "host" } | { scope: "server"; pid: number };

/** A process and all below it, siblings in pstree's order. */
export interface ProcessTree {
  process: Process;
  children: readonly ProcessTree[];
}

export interface Node extends ProcessTree {
  children: readonly Node[];
  shape: Shape;
}

/** What equal subtrees have in common. */
export interface Shape {
  /** The process that stands for all of them. */
  process: Process;
  /** The same for the same shape in every tree: `server`, or with what is below it a number, `sh.1k2m3n`. */
  name: string;
}

const INIT = 1;

/**
 * The tree that leads to a process and goes on below it; null when the server's pid is not in the table. It may be
 * drawn in several ways.
 */
export function growTree(processes: readonly Process[], root: Scope): Node | null {
  const pid = root.scope === "host" ? INIT : root.pid;
  const nodes = grow(withUnknownParents(processes), pid);
  shareShapes(nodes);
  return nodes[0] ?? null;
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
  const below = Map.groupBy(processes, ({ ppid }) => ppid);
  let top: Process | undefined;
  for (const process of lineage(processes, pid)) {
    if (top) below.set(process.pid, [top]);
    top = process;
  }
  const nodes = top ? [newNode(top)] : [];
  for (const node of nodes) {
    const children = below.get(node.process.pid);
    if (children === undefined) continue;
    node.children = inOrder(children).map(newNode);
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

const NOTHING: readonly Node[] = [];
const NOT_YET: Shape = { process: { pid: 0, ppid: 0, uid: 0, comm: "" }, name: "" };

function newNode(process: Process): Node {
  return { process, children: NOTHING, shape: NOT_YET };
}

/** The order of siblings: by the bytes of the name, then by owner, then as listed. Mostly they stand so already. */
function inOrder(siblings: readonly Process[]): readonly Process[] {
  let last: Process | undefined;
  for (const process of siblings) {
    if (last !== undefined && byNameAndOwner(last, process) > 0) {
      return siblings.toSorted(byNameAndOwner);
    }
    last = process;
  }
  return siblings;
}

function byNameAndOwner(a: Process, b: Process): number {
  if (a.comm !== b.comm) return a.comm < b.comm ? -1 : 1;
  return a.uid - b.uid;
}

/** Gives one shape to equal subtrees: those of one name with equal children in the same order. */
function shareShapes(nodes: readonly Node[]): void {
  const leaves = new Map<string, Shape>();
  const others = new Map<string, Shape>();
  for (const node of nodes.toReversed()) {
    const isLeaf = node.children.length === 0;
    const shapes = isLeaf ? leaves : others;
    const key = isLeaf ? node.process.comm : keyOf(node);
    const shape = shapes.get(key) ?? { process: node.process, name: nameOf(node) };
    if (shape.process === node.process) shapes.set(key, shape);
    node.shape = shape;
  }
}

/** A text that only equal subtrees of this tree have. */
function keyOf({ process, children }: Node): string {
  return `${inRuns(children, ({ process }) => process.pid)} ${process.comm}`;
}

/** As short as it can be, and the same tomorrow; of letters that an address takes as they are. */
function nameOf({ process: { comm }, children }: Node): string {
  const plain = comm.replace(/[^\w-]/g, "-");
  if (children.length === 0 && plain === comm && comm !== "") return comm;
  const whole = `${inRuns(children, ({ name }) => name)} ${comm}`;
  return `${plain}.${Bun.hash.xxHash32(whole).toString(36)}`;
}

/** `5000*7,8`: neighbours of one shape are told once. */
function inRuns(nodes: readonly Node[], tell: (shape: Shape) => string | number): string {
  const pieces: string[] = [];
  let shape: Shape | undefined;
  let count = 0;
  for (const node of nodes) {
    if (shape !== undefined && node.shape !== shape) {
      pieces.push(`${count}*${tell(shape)}`);
      count = 0;
    }
    shape = node.shape;
    count += 1;
  }
  if (shape !== undefined) pieces.push(`${count}*${tell(shape)}`);
  return pieces.join();
}
