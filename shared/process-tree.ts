/**
 * Turns a table of processes into a tree in which equal subtrees share one shape. Every step is
 * near-linear, and a loop rather than a recursion: a master has thousands of children, and a
 * chain can be thousands deep.
 */
import type { Process } from "./proc.ts";

/** host: everything below PID 1. server: one process with its descendants and its ancestors. */
export type Scope = { scope: "host" } | { scope: "server"; pid: number };

/** A process and its descendants, siblings in pstree's order. */
export interface ProcessTree {
  process: Process;
  children: readonly ProcessTree[];
}

export interface TreeNode extends ProcessTree {
  children: readonly TreeNode[];
  shape: Shape;
}

/** What equal subtrees have in common. */
export interface Shape {
  /** The process that represents all of them. */
  process: Process;
  /**
   * The same for equal shapes in every tree: `server`, or with a hash of its
   * descendants, `sh.1k2m3n`.
   */
  name: string;
}

const INIT = 1;

/**
 * Returns the tree for that scope, ready to be drawn; null if the server's PID is not in the table.
 */
export function growTree(processes: readonly Process[], root: Scope): TreeNode | null {
  const pid = root.scope === "host" ? INIT : root.pid;
  const nodes = grow(withUnknownParents(processes), pid);
  shareShapes(nodes);
  return nodes[0] ?? null;
}

/**
 * Adds a `?` below PID 1 for each parent that is not in the table: /proc hides it (hidepid), or it
 * ended while /proc was read. As in pstree, the last one found comes first.
 */
function withUnknownParents(processes: readonly Process[]): Process[] {
  const known = new Set([0, ...processes.map(({ pid }) => pid)]);
  const unknown = new Set([INIT, ...processes.map(({ ppid }) => ppid)]).difference(known);
  const parents = [...unknown].reverse().map((pid) => {
    return { pid, ppid: pid === INIT ? 0 : INIT, uid: 0, comm: "?" };
  });
  return [...processes, ...parents];
}

/**
 * Returns a process with its ancestors and descendants as nodes, parents before children. Not the
 * walk of descendants.ts: it has no limit, sorts siblings, and takes each process's children
 * once, so that a circle ends.
 */
function grow(processes: readonly Process[], pid: number): TreeNode[] {
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
    node.children = sortSiblings(children).map(newNode);
    below.delete(node.process.pid);
    for (const child of node.children) nodes.push(child);
  }
  return nodes;
}

/**
 * Returns a process and its ancestors, nearest first. Below `docker exec` they do not lead to PID
 * 1: pstree -s then draws all of PID 1 without the process; we draw from its topmost ancestor.
 */
function lineage(processes: readonly Process[], pid: number): Set<Process> {
  const byPid = new Map(processes.map((process) => [process.pid, process]));
  const found = new Set<Process>();
  let process = byPid.get(pid);
  // A PID that was reused while /proc was read could close a cycle.
  while (process && !found.has(process)) {
    found.add(process);
    process = byPid.get(process.ppid);
  }
  return found;
}

const NO_CHILDREN: readonly TreeNode[] = [];
const UNSET_SHAPE: Shape = { process: { pid: 0, ppid: 0, uid: 0, comm: "" }, name: "" };

function newNode(process: Process): TreeNode {
  return { process, children: NO_CHILDREN, shape: UNSET_SHAPE };
}

/**
 * Sorts siblings by the bytes of the name, then by owner, then as listed.
 * Usually they are sorted already.
 */
function sortSiblings(siblings: readonly Process[]): readonly Process[] {
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

/**
 * Gives equal subtrees the same shape: those with the same name and equal
 * children in the same order.
 */
function shareShapes(nodes: readonly TreeNode[]): void {
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

/** Returns a key that equal subtrees of this tree share. */
function keyOf({ process, children }: TreeNode): string {
  return `${encodeRuns(children, ({ process }) => process.pid)} ${process.comm}`;
}

/** Returns the name of a shape: short, stable, and of characters that need no escaping in a URL. */
function nameOf({ process: { comm }, children }: TreeNode): string {
  const plain = comm.replace(/[^\w-]/g, "-");
  if (children.length === 0 && plain === comm && comm !== "") return comm;
  const whole = `${encodeRuns(children, ({ name }) => name)} ${comm}`;
  return `${plain}.${Bun.hash.xxHash32(whole).toString(36)}`;
}

/** Run-length encodes the shapes of siblings: `5000*7,8`. */
function encodeRuns(
  nodes: readonly TreeNode[],
  labelOf: (shape: Shape) => string | number,
): string {
  const pieces: string[] = [];
  let shape: Shape | undefined;
  let count = 0;
  for (const node of nodes) {
    if (shape !== undefined && node.shape !== shape) {
      pieces.push(`${count}*${labelOf(shape)}`);
      count = 0;
    }
    shape = node.shape;
    count += 1;
  }
  if (shape !== undefined) pieces.push(`${count}*${labelOf(shape)}`);
  return pieces.join();
}
