/** Shows times in the viewer's time zone; the server renders them in its own. */
import { formatFullTimestamp, formatTimestamp, type Precision } from "../../shared/timestamp.ts";

/** What htmx passes to `htmx:before:swap`. */
interface Swap {
  tasks: readonly { fragment?: ParentNode }[];
}

/**
 * Converts the page's times, and those in everything that htmx swaps in, before the swap: what has
 * not changed then stays untouched.
 */
export function watchTimes(): void {
  localize(document);
  document.addEventListener("htmx:before:swap", (event) => {
    const { tasks } = (event as CustomEvent<Swap>).detail;
    for (const { fragment } of tasks) if (fragment !== undefined) localize(fragment);
  });
}

/**
 * Converts the times in `root`, which it returns. Changes nothing if the viewer's
 * time zone is the server's.
 */
export function localize<Root extends ParentNode>(root: Root): Root {
  for (const time of root.querySelectorAll<HTMLTimeElement>("time[data-precision]")) {
    const at = Date.parse(time.dateTime);
    const title = formatFullTimestamp(at);
    if (time.title === title) continue;
    time.title = title;
    time.textContent = formatTimestamp(at, time.dataset.precision as Precision);
  }
  return root;
}
