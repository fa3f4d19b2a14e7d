/**
 * Which key events are shortcuts, and whether shortcuts are on: they can
 * be turned off (WCAG 2.1.4).
 */
import { openStorage } from "./storage.ts";

/** The storage key that says they are off. */
const OFF_KEY = "brood-keys-off";

/**
 * False for the browser's own shortcuts, for events that are handled already, and while
 * a dialog has the keyboard.
 */
export function isShortcut(event: KeyboardEvent): boolean {
  const { ctrlKey, metaKey, altKey, isComposing, defaultPrevented } = event;
  return !(ctrlKey || metaKey || altKey || isComposing || defaultPrevented || isDialogOpen());
}

function isDialogOpen(): boolean {
  return document.querySelector("dialog[open], :popover-open") !== null;
}

/**
 * True for elements that letters are typed into or that use them otherwise. A checkbox does not.
 */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  return target.matches("input:not([type=checkbox]), select, textarea, [contenteditable]");
}

/** Returns what is printed on the key of a Latin keyboard, whatever layout is active. */
export function keyName({ key, code, shiftKey }: KeyboardEvent): string {
  if (key.length > 1 || key <= "~") return key;
  const [, letter] = /^Key([A-Z])$/.exec(code) ?? [];
  if (letter === undefined) return key;
  return shiftKey ? letter : letter.toLowerCase();
}

/** False if the browser stores nothing. */
export function areShortcutsOff(): boolean {
  return openStorage("localStorage")?.getItem(OFF_KEY) === "1";
}

export function setShortcutsOff(isOff: boolean): void {
  if (isOff) openStorage("localStorage")?.setItem(OFF_KEY, "1");
  else openStorage("localStorage")?.removeItem(OFF_KEY);
}
