/** The tree: it moves line by line, so it keeps still as a whole while its buttons are in reach. */
import { element, parse, setContent } from "./dom.ts";
import { hasFocus, isPointedAt, showLockNote, watchInteraction } from "./interaction-lock.ts";

/** The newest tree, and the stream that told of it: once there is another view, that is another one. */
let waiting: { html: string; stream: string } | null = null;

export function watchTree(): void {
  watchInteraction(element("tree"), settleTree);
  watchInteraction(element("rows"), settleTree);
  showMaster();
  let shown = streamNow();
  document.addEventListener("htmx:after:swap", () => {
    if (shown === streamNow()) return;
    shown = streamNow(); // another view
    showMaster();
  });
}

/** However long the chain of ancestors: on a narrow screen one wants its end, the server's tree. */
function showMaster(): void {
  const tree = element("tree");
  const master = tree.querySelector<HTMLElement>("strong");
  if (master === null) return;
  // Beside what is always in sight: the buttons.
  const gutter = tree.querySelector<HTMLElement>(".gutter")?.offsetWidth ?? 0;
  const start = master.offsetLeft - tree.offsetLeft - gutter;
  const end = start + master.offsetWidth;
  if (end > (tree.clientWidth - gutter) / 2) tree.scrollLeft = start;
}

/** Takes the whole tree as it is now. */
export function showTree(html: string): void {
  waiting = { html, stream: streamNow() };
  settleTree();
  if (waiting !== null) markGone(html);
}

function streamNow(): string {
  return element("view").querySelector("[id^=stream-]")?.id ?? "";
}

/** Shows the newest tree, if nobody is about to press a button in it or in what it would move. */
export function settleTree(): void {
  if (waiting?.stream !== streamNow()) waiting = null;
  if (waiting === null) return;
  const tree = element("tree");
  const lines = parse(waiting.html);
  const pointedAt = isArmed(tree) && isPointedAt(tree);
  const movesRows = !isAsHigh(tree, lines) && isPointedAt(element("rows"));
  const held = isAtButton(tree) || pointedAt || movesRows;
  showLockNote(tree, held);
  if (held) return;
  const { id } = document.activeElement ?? tree;
  patchLines(tree, lines);
  waiting = null;
  if (document.activeElement?.id !== id)
    document.getElementById(id)?.focus({ preventScroll: true });
}

/** Those that open and fold a group do no harm, and go along with it. */
function isAtButton(tree: Element): boolean {
  return hasFocus(tree) && document.activeElement?.matches(".group-link") === false;
}

function isArmed(tree: ParentNode): boolean {
  return tree.querySelector(".kill") !== null;
}

/** As many lines, and of the same height: buttons need more. */
function isAsHigh(tree: ParentNode, lines: ParentNode): boolean {
  return tree.childElementCount === lines.childElementCount && isArmed(tree) === isArmed(lines);
}

function patchLines(tree: HTMLElement, lines: DocumentFragment): void {
  const news = [...lines.children];
  while (tree.children.length > news.length) tree.lastElementChild?.remove();
  for (const [index, line] of news.entries()) {
    const known = tree.children[index];
    if (known === undefined) {
      tree.append(line);
      continue;
    }
    known.removeAttribute("data-ended");
    patchLine(known, line);
  }
}

/** Cell by cell: the figures change all the time, and the focus may be on a link beside them. */
function patchLine(line: Element, news: Element): void {
  if (line.children.length !== news.children.length) return line.replaceWith(news);
  for (const [index, cell] of [...news.children].entries()) {
    const known = line.children[index];
    if (known !== undefined) setContent(known, cell.innerHTML);
  }
}

/** While the tree is held, its children that have ended are struck out where they stand. */
function markGone(html: string): void {
  const live = new Set(idsIn(parse(html)));
  for (const line of element("tree").children) {
    const ids = idsIn(line);
    line.toggleAttribute("data-ended", ids.length > 0 && !ids.some((id) => live.has(id)));
  }
}

function idsIn(part: ParentNode): string[] {
  const nodes = [...part.querySelectorAll<HTMLElement>("[data-rows]")];
  return nodes.flatMap((node) => node.dataset.rows?.split(" ") ?? []);
}
