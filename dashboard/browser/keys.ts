/** The keyboard shortcuts of the main page; they can be turned off (WCAG 2.1.4). */
import { element } from "./dom.ts";
import { extendToRow, killSelected, toggleRow } from "./select.ts";
import { selection } from "./selection.ts";
import { areShortcutsOff, isShortcut, isTyping, keyName, setShortcutsOff } from "./shortcut.ts";

/** Acts on the row with the focus, or on the page; returns false if it did nothing. */
type Action = (row: Element | null) => boolean;

const ACTIONS: Record<string, Action> = {
  "/": () => goTo("filter"),
  t: () => goTo("tree"),
  l: () => goTo("log"),
  n: () => follow("page-next"),
  p: () => follow("page-previous"),
  j: (row) => move(row, 1),
  k: (row) => move(row, -1),
  // Outside the table, the arrow keys scroll.
  ArrowDown: (row) => row !== null && move(row, 1),
  ArrowUp: (row) => row !== null && move(row, -1),
  o: (row) => click(row?.querySelector("th a")),
  Enter: (row) => row === document.activeElement && click(row?.querySelector("th a")),
  x: (row) => withRow(row, toggleRow),
  X: (row) => withRow(row, extendToRow),
  K: (row) => kill(row),
  "?": () => showHelp(),
};

export function watchKeys(): void {
  const checkbox = element("keys-on") as HTMLInputElement;
  checkbox.checked = !areShortcutsOff();
  checkbox.addEventListener("change", () => setShortcutsOff(!checkbox.checked));
  document.addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest("#help-button") !== null) showHelp();
  });
  document.addEventListener("keydown", (event) => {
    if (!isShortcut(event)) return;
    if (event.key === "Escape") leave();
    else if (!isTyping(event.target) && press(event)) event.preventDefault();
  });
}

/** Performs the action of a key; false if there is none. */
function press(event: KeyboardEvent): boolean {
  if (areShortcutsOff()) return false;
  const action = ACTIONS[keyName(event)];
  return action !== undefined && action(focusedRow());
}

function goTo(id: string): boolean {
  const target = element(id);
  target.focus();
  target.scrollIntoView({ block: "nearest" });
  if (target instanceof HTMLInputElement) target.select();
  return true;
}

/** Follows a link if the page has it. */
function follow(id: string): boolean {
  return click(document.getElementById(id));
}

function click(link: Element | null | undefined): boolean {
  if (!(link instanceof HTMLElement)) return false;
  link.click();
  return true;
}

function withRow(row: Element | null, action: (row: Element) => void): boolean {
  if (row === null) return false;
  action(row);
  return true;
}

/** Moves the focus by `step` rows, or to the first row if it is not in the table. */
function move(row: Element | null, step: number): boolean {
  const rows = [...element("rows").querySelectorAll<HTMLElement>("tr")];
  const index = rows.findIndex((other) => other === row);
  const next = index < 0 ? rows[0] : rows[index + step];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
  return true;
}

function kill(row: Element | null): boolean {
  if (selection.size > 0) {
    void killSelected();
    return true;
  }
  return click(row?.querySelector("a.kill"));
}

/** Leaves a field or a row, and closes the menu of columns. */
function leave(): void {
  document.getElementById("columns")?.removeAttribute("open");
  const { activeElement } = document;
  if (activeElement instanceof HTMLElement) activeElement.blur();
}

function showHelp(): boolean {
  (element("help") as HTMLDialogElement).showModal();
  return true;
}

function focusedRow(): Element | null {
  return document.activeElement?.closest("#rows > tr") ?? null;
}
