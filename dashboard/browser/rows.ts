/** The table's rows: new figures at once, a new order only while nobody is at the table. */
import { element, parse, setContent } from "./dom.ts";
import { hasFocus, isPointedAt, showLockNote, watchInteraction } from "./interaction-lock.ts";

/** Rows that are shown while they may not move; those that come then wait outside. */
const MOST_HELD = 400;

/** Rows that are not shown yet, by their ids. */
const outside = new Map<string, Element>();

export function watchRows(): void {
  watchInteraction(element("rows"), settleRows);
}

/**
 * Takes the rows that changed and the order of all. Rows are changed in place, new ones come last,
 * and those that are no longer in the order stay until `settleRows` may take them away.
 */
export function mergeRows(html: string): void {
  const rows = element("rows");
  const incoming = parse(html).querySelector("tbody");
  if (incoming === null) throw new Error("a rows message without rows");
  for (const row of incoming.querySelectorAll("tr")) {
    const known = document.getElementById(row.id);
    if (known !== null) patch(known, row);
    else if (rows.children.length < MOST_HELD) rows.append(row);
    else outside.set(row.id, row);
  }
  rows.dataset.order = incoming.dataset.order ?? "";
  const order = new Set(orderOf(rows));
  for (const id of outside.keys()) if (!order.has(id)) outside.delete(id);
  if (incoming.dataset.complete !== "true") return;
  for (const row of rows.children) {
    // Of a child that ended unseen, while the stream was down, only this much is known.
    if (!order.has(row.id)) row.setAttribute("data-state", "ended");
  }
}

function patch(row: Element, news: Element): void {
  row.setAttribute("data-state", news.getAttribute("data-state") ?? "");
  for (const [index, cell] of [...news.children].entries()) {
    const target = row.children[index];
    if (target === undefined) continue;
    setContent(target, cell.innerHTML);
    const title = cell.getAttribute("title");
    if (title !== null) target.setAttribute("title", title);
  }
}

/** Puts the rows into their order and takes away those that have left, if nobody is at them. */
export function settleRows(): void {
  const rows = element("rows");
  const order = orderOf(rows);
  const current = Array.from(rows.children, (row) => row.id);
  const settled = current.length === order.length && current.every((id, i) => id === order[i]);
  const held = !settled && (isPointedAt(rows) || hasFocus(rows));
  showLockNote(rows, held);
  if (settled || held) return;
  const wanted = new Set(order);
  for (const row of Array.from(rows.children)) if (!wanted.has(row.id)) row.remove();
  let next = rows.firstElementChild;
  for (const id of order) {
    if (next?.id === id) {
      next = next.nextElementSibling;
    } else {
      const row = document.getElementById(id) ?? outside.get(id);
      if (row !== undefined) rows.insertBefore(row, next);
    }
  }
  outside.clear();
}

function orderOf(rows: HTMLElement): string[] {
  const order = rows.dataset.order ?? "";
  return order === "" ? [] : order.split(" ").map((id) => `row-${id}`);
}
