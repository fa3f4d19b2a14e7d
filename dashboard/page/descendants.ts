/**
 * The processes below each child: what a terminal's client has started, or
 * a program's own children.
 */
import { nearestDescendants as walkDescendants } from "../../shared/descendants.ts";
import type { Process } from "../../shared/proc.ts";
import { pstree, pstreeText } from "../../shared/pstree.ts";
import { createMemoize } from "../http/memoize.ts";

/** Processes drawn below one child: a client that starts 1,000 must not fill the page. */
const MAX_DRAWN = 20;

const childrenByParent = createMemoize<ReadonlyMap<number, readonly Process[]>>();

/**
 * Keyed by the first descendant: of thousands of children, few start or end a
 * process between two samples.
 */
const drawings = new WeakMap<Process, { descendants: readonly Process[]; text: string }>();

/**
 * Returns the processes below `pid` as `pstree` draws them, one line per branch, with `…` if some
 * are left out; "" if there are none.
 */
export function descendantsText(processes: readonly Process[], pid: number): string {
  // One more than is drawn shows whether some are left out.
  const descendants = nearestDescendants(processes, pid, MAX_DRAWN + 1);
  const [first] = descendants;
  if (first === undefined) return "";
  const known = drawings.get(first);
  if (known !== undefined && isEqual(known.descendants, descendants)) return known.text;
  const text = draw(descendants, pid);
  drawings.set(first, { descendants, text });
  return text;
}

/** Returns up to `max` of the processes below `pid`, the nearest ones first. */
export function nearestDescendants(
  processes: readonly Process[],
  pid: number,
  max: number,
): Process[] {
  const children = childrenByParent(processes, "", () =>
    Map.groupBy(processes, ({ ppid }) => ppid),
  );
  const childrenOf = (parent: number) => children.get(parent) ?? [];
  return walkDescendants(childrenOf(pid), (process) => childrenOf(process.pid), max);
}

function draw(descendants: readonly Process[], pid: number): string {
  const drawn = descendants.slice(0, MAX_DRAWN);
  const direct = drawn.filter(({ ppid }) => ppid === pid);
  const trees = direct.map((top) => {
    const tree = drawn.map((process) => (process === top ? { ...top, ppid: 0 } : process));
    return pstreeText(pstree(tree, { scope: "server", pid: top.pid }));
  });
  return (trees.join("") + (descendants.length > MAX_DRAWN ? "…" : "")).trimEnd();
}

function isEqual(a: readonly Process[], b: readonly Process[]): boolean {
  return a.length === b.length && a.every((process, i) => process === b[i]);
}
