/** `g`, and then the letter of a page, leads there, from each page. */
import { areOff, isOurs, isTyping, nameOf } from "./shortcut.ts";

/** So long (ms) after `g` another key may follow. */
const SEQUENCE = 1500;

const PAGES: Record<string, string> = { t: "/", c: "/charts", h: "/history", a: "/audit" };

/** To be called before what else takes keys: in a sequence they mean something else. */
export function watchPageShortcuts(): void {
  let wentAt = -Infinity;
  document.addEventListener("keydown", (event) => {
    if (!isOurs(event) || isTyping(event.target) || areOff()) return;
    const key = nameOf(event);
    const page = PAGES[key];
    const isSecond = performance.now() - wentAt < SEQUENCE;
    wentAt = key === "g" ? performance.now() : -Infinity;
    if (page === undefined || !isSecond) return;
    event.preventDefault();
    location.assign(page);
  });
}
