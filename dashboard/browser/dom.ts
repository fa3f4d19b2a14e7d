/** Elements by their id. What the page cannot be without is there, or it is a mistake of ours. */
import { localize } from "./time.ts";

export function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no #${id} in the page`);
  return found;
}

/** Takes markup that our server rendered, and escaped; its times become the reader's. */
export function parse(html: string): DocumentFragment {
  const template = document.createElement("template");
  template.innerHTML = html;
  return localize(template.content);
}

/** Changes an element's content only where it differs, so that focus and selection stay. */
export function setContent(target: Element, content: string): void {
  if (target.innerHTML !== content) target.innerHTML = content;
}

/** A plain click with the main button: any other is the browser's own. */
export function isPlainClick(event: MouseEvent): boolean {
  return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
}
