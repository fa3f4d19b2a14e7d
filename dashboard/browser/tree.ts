/**
 * The tree. An update may move every line, so it is locked as a whole while someone is
 * about to press a button in it.
 */
import { element, parse, setContent } from "./dom.ts";
import { hasFocus, isPointedAt, showLockNote, watchInteraction } from "./interaction-lock.ts";

/**
 * The newest tree until it may be shown, and the stream that it came from: a change
 * of the view starts another.
 */
let pending: { html: string; stream: string } | null = null;

export function watchTree(): void {
  watchInteraction(element("tree"), settleTree);
  watchInteraction(element("rows"), settleTree);
  showMaster();
  let shownStream = streamId();
  document.addEventListener("htmx:after:swap", () => {
    if (shownStream === streamId()) return;
    shownStream = streamId();
    showMaster();
  });
}

/** Scrolls to the server's tree if the chain of its ancestors takes up most of a narrow screen. */
function showMaster(): void {
  const tree = element("tree");
  const master = tree.querySelector<HTMLElement>("strong");
  if (master === null) return;
  // The buttons are sticky and cover the left edge.
  const gutter = tree.querySelector<HTMLElement>(".gutter")?.offsetWidth ?? 0;
  const start = master.offsetLeft - tree.offsetLeft - gutter;
  const end = start + master.offsetWidth;
  if (end > (tree.clientWidth - gutter) / 2) tree.scrollLeft = start;
}

/** Takes the newest tree as a whole. */
export function showTree(html: string): void {
  pending = { html, stream: streamId() };
  settleTree();
  if (pending !== null) markEnded(html);
}

function streamId(): string {
  return element("view").querySelector("[id^=stream-]")?.id ?? "";
}

/**
 * Shows the newest tree, unless someone is about to press a button in it or in
 * something that it would move.
 */
export function settleTree(): void {
  if (pending?.stream !== streamId()) pending = null;
  if (pending === null) return;
  const tree = element("tree");
  const lines = parse(pending.html);
  const isAimedAt = hasButtons(tree) && isPointedAt(tree);
  const movesTable = !isSameHeight(tree, lines) && isPointedAt(element("rows"));
  const isLocked = isFocusOnButton(tree) || isAimedAt || movesTable;
  showLockNote(tree, isLocked);
  if (isLocked) return;
  const { id } = document.activeElement ?? tree;
  patchLines(tree, lines);
  pending = null;
  if (document.activeElement?.id !== id)
    document.getElementById(id)?.focus({ preventScroll: true });
}

/**
 * The links that expand and collapse a group do not count: they do no harm, and keep
 * the focus when they move.
 */
function isFocusOnButton(tree: Element): boolean {
  return hasFocus(tree) && document.activeElement?.matches(".group-link") === false;
}

function hasButtons(tree: ParentNode): boolean {
  return tree.querySelector(".kill") !== null;
}

/** True if both have as many lines, and lines of the same height: those with buttons are higher. */
function isSameHeight(tree: ParentNode, lines: ParentNode): boolean {
  return (
    tree.childElementCount === lines.childElementCount && hasButtons(tree) === hasButtons(lines)
  );
}

function patchLines(tree: HTMLElement, lines: DocumentFragment): void {
  const incoming = [...lines.children];
  while (tree.children.length > incoming.length) tree.lastElementChild?.remove();
  for (const [index, line] of incoming.entries()) {
    const known = tree.children[index];
    if (known === undefined) {
      tree.append(line);
      continue;
    }
    known.removeAttribute("data-ended");
    patchLine(known, line);
  }
}

/**
 * Patches cell by cell: the figures change all the time, and the focus may
 * be on a link next to them.
 */
function patchLine(line: Element, incoming: Element): void {
  if (line.children.length !== incoming.children.length) return line.replaceWith(incoming);
  for (const [index, cell] of [...incoming.children].entries()) {
    const known = line.children[index];
    if (known !== undefined) setContent(known, cell.innerHTML);
  }
}

/** Strikes out the children that have ended while the tree is locked. */
function markEnded(html: string): void {
  const live = new Set(idsIn(parse(html)));
  for (const line of element("tree").children) {
    const ids = idsIn(line);
    line.toggleAttribute("data-ended", ids.length > 0 && !ids.some((id) => live.has(id)));
  }
}

function idsIn(root: ParentNode): string[] {
  const nodes = [...root.querySelectorAll<HTMLElement>("[data-rows]")];
  return nodes.flatMap((node) => node.dataset.rows?.split(" ") ?? []);
}
