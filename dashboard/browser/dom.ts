/** Access to the page's elements. */
import { localize } from "./time.ts";

/**
 * Returns the element with that ID.
 * @throws if there is none: the page is never rendered without it.
 */
export function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no #${id} in the page`);
  return found;
}

/**
 * Parses markup that our server rendered and escaped, and shows its times
 * in the viewer's time zone.
 */
export function parse(html: string): DocumentFragment {
  const template = document.createElement("template");
  template.innerHTML = html;
  return localize(template.content);
}

/**
 * Changes an element's content only if it differs, so that focus and text selection are not lost.
 */
export function setContent(target: Element, content: string): void {
  if (target.innerHTML !== content) target.innerHTML = content;
}

/**
 * True for a click with the main button and no modifier key: any other has a meaning
 * of its own in the browser.
 */
export function isPlainClick(event: MouseEvent): boolean {
  return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
}
