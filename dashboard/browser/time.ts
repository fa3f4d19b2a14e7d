/** Times as the reader's own clock shows them: the server renders its own. */
import { formatFullTimestamp, type Precision, formatTimestamp } from "../../shared/timestamp.ts";

/** What htmx is about to put into the page. */
interface Swap {
  tasks: readonly { fragment?: ParentNode }[];
}

/**
 * Makes the page's times local, and those of all that htmx brings before it gets in: what is the same
 * then stays as it is.
 */
export function watchTimes(): void {
  localize(document);
  document.addEventListener("htmx:before:swap", (event) => {
    const { tasks } = (event as CustomEvent<Swap>).detail;
    for (const { fragment } of tasks) if (fragment !== undefined) localize(fragment);
  });
}

/** Changes nothing where the reader's zone is the server's. Gives what it was given. */
export function localize<Part extends ParentNode>(part: Part): Part {
  for (const time of part.querySelectorAll<HTMLTimeElement>("time[data-precision]")) {
    const at = Date.parse(time.dateTime);
    const title = formatFullTimestamp(at);
    if (time.title === title) continue;
    time.title = title;
    time.textContent = formatTimestamp(at, time.dataset.precision as Precision);
  }
  return part;
}
