/** Keys that do something, for whoever has no hand for the mouse; they can be turned off (WCAG 2.1.4). */
import { element } from "./dom.ts";
import { extendToRow, isAnySelected, killSelected, toggleRow } from "./select.ts";
import { areShortcutsOff, isShortcut, isTyping, keyName, setShortcutsOff } from "./shortcut.ts";

export function watchKeys(): void {
  const box = element("keys-on") as HTMLInputElement;
  box.checked = !areShortcutsOff();
  box.addEventListener("change", () => setShortcutsOff(!box.checked));
  document.addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest("#help-button") !== null) showHelp();
  });
  document.addEventListener("keydown", (event) => {
    if (!isShortcut(event)) return;
    const done = event.key === "Escape" ? leave() : !isTyping(event.target) && press(event);
    if (done) event.preventDefault();
  });
}

/** True if the key did something. */
function press(event: KeyboardEvent): boolean {
  if (areShortcutsOff()) return false;
  const act = ACTS[keyName(event)];
  return act !== undefined && act(focusedRow());
}

type Act = (row: Element | null) => boolean;

const ACTS: Record<string, Act> = {
  "/": () => goTo("filter"),
  t: () => goTo("tree"),
  l: () => goTo("log"),
  n: () => follow("page-next"),
  p: () => follow("page-previous"),
  j: (row) => move(row, 1),
  k: (row) => move(row, -1),
  // Elsewhere the arrows scroll.
  ArrowDown: (row) => row !== null && move(row, 1),
  ArrowUp: (row) => row !== null && move(row, -1),
  o: (row) => click(row?.querySelector("th a")),
  Enter: (row) => row === document.activeElement && click(row?.querySelector("th a")),
  x: (row) => withRow(row, toggleRow),
  X: (row) => withRow(row, extendToRow),
  K: (row) => kill(row),
  "?": () => showHelp(),
};

function goTo(id: string): boolean {
  const place = element(id);
  place.focus();
  place.scrollIntoView({ block: "nearest" });
  if (place instanceof HTMLInputElement) place.select();
  return true;
}

/** Follows a link that may not be there. */
function follow(id: string): boolean {
  return click(document.getElementById(id));
}

function click(link: Element | null | undefined): boolean {
  if (!(link instanceof HTMLElement)) return false;
  link.click();
  return true;
}

function withRow(row: Element | null, act: (row: Element) => void): boolean {
  if (row === null) return false;
  act(row);
  return true;
}

/** Moves the focus by so many rows; into the table, where it is elsewhere. */
function move(row: Element | null, step: number): boolean {
  const rows = [...element("rows").querySelectorAll<HTMLElement>("tr")];
  const at = rows.findIndex((one) => one === row);
  const next = at < 0 ? rows[0] : rows[at + step];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
  return true;
}

function kill(row: Element | null): boolean {
  if (isAnySelected()) {
    void killSelected();
    return true;
  }
  return click(row?.querySelector("a.kill"));
}

/** Out of a field, a row or the menu of columns. */
function leave(): boolean {
  document.getElementById("columns")?.removeAttribute("open");
  const { activeElement } = document;
  if (!(activeElement instanceof HTMLElement)) return false;
  activeElement.blur();
  return false;
}

function showHelp(): boolean {
  (element("help") as HTMLDialogElement).showModal();
  return true;
}

function focusedRow(): Element | null {
  return document.activeElement?.closest("#rows > tr") ?? null;
}
