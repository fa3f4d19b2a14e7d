/** Leads from a node of the tree to the rows of its children. */
import { isPlainClick } from "./dom.ts";

export function watchRowLinks(): void {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || !isPlainClick(event)) return;
    const node = event.target.closest<HTMLElement>("a[data-rows]");
    if (node === null) return;
    event.preventDefault();
    highlight((node.dataset.rows ?? "").split(" "));
  });
}

function highlight(ids: readonly string[]): void {
  for (const row of document.querySelectorAll("[data-highlighted]")) {
    row.removeAttribute("data-highlighted");
  }
  const rows = ids.flatMap((id) => document.getElementById(`row-${id}`) ?? []);
  for (const row of rows) row.setAttribute("data-highlighted", "");
  const [first] = rows;
  // The row is on another page of the table, but the child has a page of its own.
  if (first === undefined && ids.length === 1) location.assign(`/children/${ids[0]}`);
  first?.scrollIntoView({ block: "nearest" });
  first?.focus({ preventScroll: true });
}
