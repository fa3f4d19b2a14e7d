/** Selecting children with checkboxes, links and keys, and killing those that are selected. */
import { packIds, sessionNumber, unpackIds } from "../kill/ids.ts";
import { announceFailure, openQuestion } from "./dialog.ts";
import { element, isPlainClick } from "./dom.ts";
import { selection } from "./selection.ts";

/** Does nothing on the page of a viewer who may only watch. */
export function watchSelection(): void {
  if (document.getElementById("action-bar") === null) return;
  selection.restore();
  // Otherwise the view's form would take a ticked checkbox for a change of the view.
  document.addEventListener("input", ignoreCheckbox, { capture: true });
  document.addEventListener("change", onChange);
  document.addEventListener("click", onClick);
  element("action-bar").addEventListener("submit", (event) => {
    event.preventDefault();
    void killSelected();
  });
  element("clear-selected").addEventListener("click", clear);
  // Once the kill job has started, its children are no longer selected.
  element("outcome").addEventListener("htmx:after:swap", () => {
    if (document.getElementById("job") !== null) clear();
  });
  showSelection();
}

function onChange({ target }: Event): void {
  const checkbox = asCheckbox(target);
  if (checkbox === null) return;
  const ids = checkbox.id === "select-page" ? idsOnPage() : [checkbox.value];
  selection.mark(ids, checkbox.checked);
  showSelection();
}

function onClick(event: MouseEvent): void {
  const checkbox = asCheckbox(event.target);
  if (checkbox !== null && event.shiftKey) extendTo(checkbox.value);
  if (!(event.target instanceof Element) || !isPlainClick(event)) return;
  const link = event.target.closest<HTMLElement>("a[data-select]");
  if (link === null) return;
  event.preventDefault();
  element("menu").hidePopover();
  void selectAll(link.dataset.select ?? "");
}

/** Ticks the checkboxes of the selected rows, and shows how many children are selected in all. */
export function showSelection(): void {
  const bar = document.getElementById("action-bar");
  if (bar === null) return;
  const checkboxes = checkboxesOnPage();
  for (const checkbox of checkboxes) checkbox.checked = selection.has(checkbox.value);
  const checked = checkboxes.filter((checkbox) => checkbox.checked).length;
  const wholePage = element("select-page") as HTMLInputElement;
  wholePage.checked = checked > 0 && checked === checkboxes.length;
  wholePage.indeterminate = checked > 0 && checked < checkboxes.length;
  bar.dataset.count = String(selection.size);
  const count = selection.size.toLocaleString(document.documentElement.lang);
  for (const id of ["selected", "kill-selected"]) {
    const label = element(id);
    const text = (label.dataset.text ?? "").replace("#", count);
    if (label.textContent !== text) label.textContent = text;
  }
}

/** Selects or deselects the child of a row. */
export function toggleRow(row: Element): void {
  const checkbox = row.querySelector<HTMLInputElement>(".select input");
  if (checkbox === null) return;
  selection.mark([checkbox.value], !selection.has(checkbox.value));
  showSelection();
}

/** Selects all rows from the one selected last to this one. */
export function extendToRow(row: Element): void {
  const checkbox = row.querySelector<HTMLInputElement>(".select input");
  if (checkbox !== null) extendTo(checkbox.value);
}

/** Opens the question whether to kill the selected children. */
export async function killSelected(): Promise<void> {
  const instance = element("log").dataset.instance ?? "";
  // The children of an earlier server ended with it.
  const numbers = selection
    .ids()
    .map((id) => sessionNumber(id, instance))
    .filter((number) => !Number.isNaN(number));
  if (numbers.length === 0) return clear();
  const signal = element("action-bar").querySelector("select")?.value ?? "TERM";
  const form = new URLSearchParams({ signal, ids: packIds(instance, numbers) });
  await openQuestion("/kill", form);
}

/** Selects all children that the server finds right now, on whatever page of the table they are. */
async function selectAll(path: string): Promise<void> {
  const response = await fetch(path).catch(() => null);
  const found: { ids: string } | null = response?.ok
    ? await response.json().catch(() => null)
    : null;
  if (found === null) return announceFailure(element("dialog").dataset.noAnswer);
  const set = unpackIds(found.ids);
  const ids = (set?.ranges ?? []).flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => `${set?.instance}-${first + index}`),
  );
  selection.addAll(ids);
  showSelection();
}

function extendTo(id: string): void {
  selection.extendTo(id, idsOnPage());
  showSelection();
}

function clear(): void {
  selection.clear();
  showSelection();
}

function idsOnPage(): string[] {
  return checkboxesOnPage().map(({ value }) => value);
}

function checkboxesOnPage(): HTMLInputElement[] {
  return [...element("rows").querySelectorAll<HTMLInputElement>(".select input")];
}

function asCheckbox(target: EventTarget | null): HTMLInputElement | null {
  return target instanceof HTMLInputElement && target.matches(".select input") ? target : null;
}

function ignoreCheckbox(event: Event): void {
  if (asCheckbox(event.target) !== null) event.stopPropagation();
}
