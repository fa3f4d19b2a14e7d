/** When a key is a shortcut, and which; they can be turned off (WCAG 2.1.4). */
import { openStorage } from "./storage.ts";

/** Where the browser keeps that they are off. */
const OFF = "brood-keys-off";

/** Not the browser's, nor taken already, nor of what is open above the page. */
export function isShortcut(event: KeyboardEvent): boolean {
  const { ctrlKey, metaKey, altKey, isComposing, defaultPrevented } = event;
  return !(ctrlKey || metaKey || altKey || isComposing || defaultPrevented || isAsked());
}

/** A question, the menu or the help is open: the keys are theirs. */
function isAsked(): boolean {
  return document.querySelector("dialog[open], :popover-open") !== null;
}

/** Where letters mean something else. A box takes none. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  return target.matches("input:not([type=checkbox]), select, textarea, [contenteditable]");
}

/** What is written on the key of a Latin keyboard, whatever the layout writes. */
export function keyName({ key, code, shiftKey }: KeyboardEvent): string {
  if (key.length > 1 || key <= "~") return key;
  const [, letter] = /^Key([A-Z])$/.exec(code) ?? [];
  if (letter === undefined) return key;
  return shiftKey ? letter : letter.toLowerCase();
}

/** A browser that keeps nothing for us has them on. */
export function areShortcutsOff(): boolean {
  return openStorage("localStorage")?.getItem(OFF) === "1";
}

export function setShortcutsOff(isOff: boolean): void {
  if (isOff) openStorage("localStorage")?.setItem(OFF, "1");
  else openStorage("localStorage")?.removeItem(OFF);
}
