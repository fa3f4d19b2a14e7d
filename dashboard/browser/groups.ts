/**
 * Expands and collapses groups of the tree in place. The stream brings these links, so
 * htmx does not process them.
 */
import { element, isPlainClick } from "./dom.ts";

declare const htmx: {
  ajax(verb: "GET", path: string, options: Record<string, unknown>): Promise<void>;
};

export function watchGroups(): void {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || !isPlainClick(event)) return;
    const link = event.target.closest<HTMLAnchorElement>("#tree a[data-group]");
    if (link === null) return;
    event.preventDefault();
    void htmx.ajax("GET", link.pathname + link.search, {
      // Not the link: it may be gone when the response comes.
      source: element("tree"),
      target: "#view",
      select: "#view",
      swap: "outerMorph",
    });
  });
}
