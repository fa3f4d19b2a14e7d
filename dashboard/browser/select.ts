/** Which children are selected: by the ids of their sessions, whatever the table shows of them. */
import { sessionNumber, packIds, unpackIds } from "../kill/ids.ts";
import { openQuestion, announce } from "./dialog.ts";
import { element, isPlainClick } from "./dom.ts";
import { openStorage } from "./storage.ts";

/** Where the tab keeps it, for the way to a child's page and back. */
const KEPT = "brood-selected";

const selected = new Set<string>();

/** Where a selection over several rows begins. */
let anchor: string | null = null;

/** Does nothing for those who may only look. */
export function watchSelection(): void {
  if (document.getElementById("action-bar") === null) return;
  for (const id of openStorage("sessionStorage")?.getItem(KEPT)?.split(" ") ?? []) selected.add(id);
  // The view's form takes any input in it for another view.
  document.addEventListener("input", stopAtBox, { capture: true });
  document.addEventListener("change", (event) => {
    const box = boxIn(event.target);
    if (box === null) return;
    if (box.id === "select-page") selectPage(box.checked);
    else mark([box.value], box.checked);
  });
  document.addEventListener("click", (event) => {
    const box = boxIn(event.target);
    if (box !== null && event.shiftKey) selectTo(box.value);
    if (!(event.target instanceof Element) || !isPlainClick(event)) return;
    const link = event.target.closest<HTMLElement>("a[data-select]");
    if (link === null) return;
    event.preventDefault();
    element("menu").hidePopover();
    void selectAll(link.dataset.select ?? "");
  });
  element("action-bar").addEventListener("submit", (event) => {
    event.preventDefault();
    void killSelected();
  });
  element("clear-selected").addEventListener("click", clear);
  // Once the order is given, they are selected no more.
  element("outcome").addEventListener("htmx:after:swap", () => {
    if (document.getElementById("job") !== null) clear();
  });
  showSelection();
}

/** Shows in all rows that are there whether they are selected, and how many are in all. */
export function showSelection(): void {
  const act = document.getElementById("action-bar");
  if (act === null) return;
  const boxes = boxesOf();
  for (const box of boxes) box.checked = selected.has(box.value);
  const checked = boxes.filter((box) => box.checked).length;
  const page = element("select-page") as HTMLInputElement;
  page.checked = checked > 0 && checked === boxes.length;
  page.indeterminate = checked > 0 && checked < boxes.length;
  act.dataset.count = String(selected.size);
  const count = selected.size.toLocaleString(document.documentElement.lang);
  for (const id of ["selected", "kill-selected"]) {
    const part = element(id);
    const text = (part.dataset.text ?? "").replace("#", count);
    if (part.textContent !== text) part.textContent = text;
  }
}

export function isAnySelected(): boolean {
  return selected.size > 0;
}

/** Selects the child of a row, or no longer. */
export function toggleRow(row: Element): void {
  const box = row.querySelector<HTMLInputElement>(".select input");
  if (box !== null) mark([box.value], !selected.has(box.value));
}

/** Selects all rows from the one before to this. */
export function extendToRow(row: Element): void {
  const box = row.querySelector<HTMLInputElement>(".select input");
  if (box !== null) selectTo(box.value);
}

/** Asks whether those that are selected are to be killed. */
export async function killSelected(): Promise<void> {
  const instance = element("log").dataset.instance ?? "";
  // Those of a server that was here before have gone with it.
  const numbers = [...selected]
    .map((id) => sessionNumber(id, instance))
    .filter((n) => !Number.isNaN(n));
  if (numbers.length === 0) return clear();
  const signal = element("action-bar").querySelector("select")?.value ?? "TERM";
  await openQuestion("/kill", new URLSearchParams({ signal, ids: packIds(instance, numbers) }));
}

function mark(ids: readonly string[], isSelected: boolean): void {
  for (const id of ids) {
    if (isSelected) selected.add(id);
    else selected.delete(id);
  }
  anchor = ids.at(-1) ?? anchor;
  keep();
}

function clear(): void {
  selected.clear();
  anchor = null;
  keep();
}

function keep(): void {
  if (selected.size === 0) openStorage("sessionStorage")?.removeItem(KEPT);
  else openStorage("sessionStorage")?.setItem(KEPT, [...selected].join(" "));
  showSelection();
}

function selectPage(isSelected: boolean): void {
  const ids = boxesOf().map((box) => box.value);
  mark(ids, isSelected);
}

function selectTo(id: string): void {
  const ids = boxesOf().map((box) => box.value);
  const from = ids.indexOf(anchor ?? id);
  const to = ids.indexOf(id);
  const between = from < 0 ? [id] : ids.slice(Math.min(from, to), Math.max(from, to) + 1);
  mark(between, true);
  anchor = id;
}

/** All that the server finds at this moment, on whatever page. */
async function selectAll(path: string): Promise<void> {
  const answer = await fetch(path).catch(() => null);
  const found: { ids: string } | null = answer?.ok ? await answer.json().catch(() => null) : null;
  if (found === null) return announce(element("dialog").dataset.noAnswer);
  const set = unpackIds(found.ids);
  const ids = (set?.ranges ?? []).flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => `${set?.instance}-${first + index}`),
  );
  mark(ids, true);
  anchor = null;
}

function boxesOf(): HTMLInputElement[] {
  return [...element("rows").querySelectorAll<HTMLInputElement>(".select input")];
}

function boxIn(target: EventTarget | null): HTMLInputElement | null {
  return target instanceof HTMLInputElement && target.matches(".select input") ? target : null;
}

function stopAtBox(event: Event): void {
  if (boxIn(event.target) !== null) event.stopPropagation();
}
