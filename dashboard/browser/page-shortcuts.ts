/** Pressing `g` and then a page's letter goes to that page, from any page. */
import { areShortcutsOff, isShortcut, isTyping, keyName } from "./shortcut.ts";

/** How soon after `g` the second key must follow. */
const SEQUENCE_TIMEOUT_MS = 1500;

const PAGE_PATHS: Record<string, string> = { t: "/", c: "/charts", h: "/history", a: "/audit" };

/**
 * Must be called before anything else that handles keys: within a sequence,
 * they mean something else.
 */
export function watchPageShortcuts(): void {
  let gPressedAt = -Infinity;
  document.addEventListener("keydown", (event) => {
    if (!isShortcut(event) || isTyping(event.target) || areShortcutsOff()) return;
    const key = keyName(event);
    const path = PAGE_PATHS[key];
    const isSecondKey = performance.now() - gPressedAt < SEQUENCE_TIMEOUT_MS;
    gPressedAt = key === "g" ? performance.now() : -Infinity;
    if (path === undefined || !isSecondKey) return;
    event.preventDefault();
    location.assign(path);
  });
}
