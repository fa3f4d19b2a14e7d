/**
 * The table's rows: their contents are updated immediately, their order only while
 * nobody is using the table.
 */
import { element, parse, setContent } from "./dom.ts";
import { hasFocus, isPointedAt, showLockNote, watchInteraction } from "./interaction-lock.ts";

/**
 * While the table is locked, new rows are added at its end up to this number; any more
 * wait until it is released.
 */
const MAX_LOCKED_ROWS = 400;

/** Rows that are waiting to be added, by their elements' IDs. */
const waitingRows = new Map<string, Element>();

export function watchRows(): void {
  watchInteraction(element("rows"), settleRows);
}

/**
 * Takes the rows that changed and the order of all. Rows are changed in place, new ones are added
 * at the end, and those no longer in the order stay until `settleRows` may remove them.
 */
export function mergeRows(html: string): void {
  const rows = element("rows");
  const incoming = parse(html).querySelector("tbody");
  if (incoming === null) throw new Error("a rows message without rows");
  for (const row of incoming.querySelectorAll("tr")) {
    const known = document.getElementById(row.id);
    if (known !== null) patchRow(known, row);
    else if (rows.children.length < MAX_LOCKED_ROWS) rows.append(row);
    else waitingRows.set(row.id, row);
  }
  rows.dataset.order = incoming.dataset.order ?? "";
  const order = new Set(orderOf(rows));
  for (const id of waitingRows.keys()) if (!order.has(id)) waitingRows.delete(id);
  if (incoming.dataset.complete !== "true") return;
  for (const row of rows.children) {
    // The child ended while the stream was down: how is not known.
    if (!order.has(row.id)) row.setAttribute("data-state", "ended");
  }
}

function patchRow(row: Element, incoming: Element): void {
  row.setAttribute("data-state", incoming.getAttribute("data-state") ?? "");
  for (const [index, cell] of [...incoming.children].entries()) {
    const target = row.children[index];
    if (target === undefined) continue;
    setContent(target, cell.innerHTML);
    const title = cell.getAttribute("title");
    if (title !== null) target.setAttribute("title", title);
  }
}

/** Puts the rows into their order and removes those that have left, unless the table is locked. */
export function settleRows(): void {
  const rows = element("rows");
  const order = orderOf(rows);
  const current = Array.from(rows.children, (row) => row.id);
  const isSettled = current.length === order.length && current.every((id, i) => id === order[i]);
  const isLocked = !isSettled && (isPointedAt(rows) || hasFocus(rows));
  showLockNote(rows, isLocked);
  if (isSettled || isLocked) return;
  const remaining = new Set(order);
  for (const row of Array.from(rows.children)) if (!remaining.has(row.id)) row.remove();
  let next = rows.firstElementChild;
  for (const id of order) {
    if (next?.id === id) {
      next = next.nextElementSibling;
    } else {
      const row = document.getElementById(id) ?? waitingRows.get(id);
      if (row !== undefined) rows.insertBefore(row, next);
    }
  }
  waitingRows.clear();
}

function orderOf(rows: HTMLElement): string[] {
  const order = rows.dataset.order ?? "";
  return order === "" ? [] : order.split(" ").map((id) => `row-${id}`);
}
