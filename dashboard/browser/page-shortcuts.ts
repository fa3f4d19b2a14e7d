/** `g`, and then the letter of a page, leads there, from each page. */
import { areShortcutsOff, isShortcut, isTyping, keyName } from "./shortcut.ts";

/** So long (ms) after `g` another key may follow. */
const SEQUENCE = 1500;

const PAGE_PATHS: Record<string, string> = { t: "/", c: "/charts", h: "/history", a: "/audit" };

/** To be called before what else takes keys: in a sequence they mean something else. */
export function watchPageShortcuts(): void {
  let wentAt = -Infinity;
  document.addEventListener("keydown", (event) => {
    if (!isShortcut(event) || isTyping(event.target) || areShortcutsOff()) return;
    const key = keyName(event);
    const page = PAGE_PATHS[key];
    const isSecond = performance.now() - wentAt < SEQUENCE;
    wentAt = key === "g" ? performance.now() : -Infinity;
    if (page === undefined || !isSecond) return;
    event.preventDefault();
    location.assign(page);
  });
}
