/** The log: new entries at its end, old ones let go, scrolled along unless somebody reads back. */
import { element, parse } from "./dom.ts";

/** Entries kept, as many as the server keeps. */
const KEPT = 500;

/** How near (px) to its end the log counts as being there. */
const NEAR_END = 24;

export function mergeLog(html: string): void {
  const log = element("log");
  const incoming = parse(html).querySelector("ol");
  if (incoming === null) throw new Error("a log message without a log");
  const following = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END;
  // Another master counts its entries from 1 again.
  if (incoming.dataset.instance !== log.dataset.instance) {
    log.replaceChildren();
    log.dataset.instance = incoming.dataset.instance ?? "";
  }
  const last = seqOf(log.lastElementChild);
  const entries = [...incoming.children].filter((entry) => seqOf(entry) > last);
  log.append(...entries);
  while (log.children.length > KEPT) log.firstElementChild?.remove();
  if (following) log.scrollTop = log.scrollHeight;
}

/** Where this log ends, in the form of the stream's event ids. */
export function logPosition(): string {
  const log = element("log");
  return `${log.dataset.instance ?? ""}:${seqOf(log.lastElementChild)}`;
}

function seqOf(entry: Element | null): number {
  return entry instanceof HTMLElement ? Number(entry.dataset.seq) : 0;
}
