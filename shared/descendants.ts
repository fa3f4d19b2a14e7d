/** The one walk over descendants: over /proc, or over a process table that was read already. */
import { readChildren } from "./proc.ts";

/**
 * Returns up to `max` descendants, nearest first (breadth-first), starting with `children`. `max`
 * bounds the work too: a client may start processes without end.
 */
export function nearestDescendants<Node>(
  children: readonly Node[],
  childrenOf: (node: Node) => readonly Node[],
  max: number,
): Node[] {
  const found = children.slice(0, max);
  // The loop also visits the nodes that it appends.
  for (const node of found) {
    const room = max - found.length;
    if (room <= 0) break;
    found.push(...childrenOf(node).slice(0, room));
  }
  return found;
}

/** Returns the PIDs of up to `max` processes below `pid` at this moment, nearest first. */
export function readDescendants(pid: number, max: number, root = "/proc"): number[] {
  const childrenOf = (parent: number) => readChildren(parent, root);
  return nearestDescendants(childrenOf(pid), childrenOf, max);
}
