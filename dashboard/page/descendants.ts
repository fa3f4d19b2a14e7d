/** What runs below each child: what a terminal's client has started, or a program of its own. */
import type { Process } from "../../shared/proc.ts";
import { pstree, pstreeText } from "../../shared/pstree.ts";
import { createMemoize } from "../http/memoize.ts";

/** Of more processes than that below a child some are drawn: whoever starts 1,000 fills no page. */
const MOST_DRAWN = 20;

/**
 * Gives the trees of all below `pid` as `pstree` draws them, a line for each branch, and `…` where that is not all;
 * "" if there is nothing.
 */
export function descendantsText(processes: readonly Process[], pid: number): string {
  // One more than is drawn tells whether that is all.
  const found = nearestDescendants(processes, pid, MOST_DRAWN + 1);
  const [first] = found;
  if (first === undefined) return "";
  const known = texts.get(first);
  if (known !== undefined && isEqual(known.found, found)) return known.text;
  const text = draw(found, pid);
  texts.set(first, { found, text });
  return text;
}

/** Of thousands of children few start or end something between two looks. */
const texts = new WeakMap<Process, { found: readonly Process[]; text: string }>();

function isEqual(a: readonly Process[], b: readonly Process[]): boolean {
  return a.length === b.length && a.every((process, i) => process === b[i]);
}

function draw(found: readonly Process[], pid: number): string {
  const drawn = found.slice(0, MOST_DRAWN);
  const direct = drawn.filter(({ ppid }) => ppid === pid);
  const trees = direct.map((top) => {
    const tree = drawn.map((process) => (process === top ? { ...top, ppid: 0 } : process));
    return pstreeText(pstree(tree, { scope: "server", pid: top.pid }));
  });
  return (trees.join("") + (found.length > MOST_DRAWN ? "…" : "")).trimEnd();
}

/** So many of all processes below one at the most, those nearest to it first. */
export function nearestDescendants(
  processes: readonly Process[],
  pid: number,
  most: number,
): Process[] {
  const children = byParent(processes, "", () => Map.groupBy(processes, ({ ppid }) => ppid));
  const found = children.get(pid)?.slice(0, most) ?? [];
  // It grows while it is gone through, by what is below each.
  for (const process of found) {
    const left = most - found.length;
    if (left > 0) found.push(...(children.get(process.pid) ?? []).slice(0, left));
  }
  return found;
}

const byParent = createMemoize<ReadonlyMap<number, readonly Process[]>>();
