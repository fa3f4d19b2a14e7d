/** From a node of the tree to the rows of the children that it stands for. */
import { isPlainClick } from "./dom.ts";

export function watchRowLinks(): void {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || !isPlainClick(event)) return;
    const node = event.target.closest<HTMLElement>("a[data-rows]");
    if (node === null) return;
    event.preventDefault();
    find((node.dataset.rows ?? "").split(" "));
  });
}

function find(ids: readonly string[]): void {
  for (const row of document.querySelectorAll("[data-highlighted]"))
    row.removeAttribute("data-highlighted");
  const rows = ids.flatMap((id) => document.getElementById(`row-${id}`) ?? []);
  for (const row of rows) row.setAttribute("data-highlighted", "");
  const [first] = rows;
  // On another page of the table; the child has a page of its own.
  if (first === undefined && ids.length === 1) location.assign(`/children/${ids[0]}`);
  first?.scrollIntoView({ block: "nearest" });
  first?.focus({ preventScroll: true });
}
