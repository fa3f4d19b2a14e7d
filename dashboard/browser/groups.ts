/** Opens and folds groups of the tree in place. These links come with the stream, of which htmx knows nothing. */
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
      // The link may be gone when the answer comes.
      source: element("tree"),
      target: "#view",
      select: "#view",
      swap: "outerMorph",
    });
  });
}
