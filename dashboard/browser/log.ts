/**
 * The log: new entries are added at its end, and it scrolls along unless the
 * viewer has scrolled back.
 */
import { element, parse } from "./dom.ts";

/** As many as the server keeps. */
const MAX_ENTRIES = 500;

/** A log scrolled to within this distance of its end follows new entries. */
const NEAR_END_PX = 24;

export function mergeLog(html: string): void {
  const log = element("log");
  const incoming = parse(html).querySelector("ol");
  if (incoming === null) throw new Error("a log message without a log");
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END_PX;
  // The entries of another master count from 1 again.
  if (incoming.dataset.instance !== log.dataset.instance) {
    log.replaceChildren();
    log.dataset.instance = incoming.dataset.instance ?? "";
  }
  const lastSeq = seqOf(log.lastElementChild);
  const added = [...incoming.children].filter((entry) => seqOf(entry) > lastSeq);
  log.append(...added);
  while (log.children.length > MAX_ENTRIES) log.firstElementChild?.remove();
  if (isAtEnd) log.scrollTop = log.scrollHeight;
}

/** Returns the stream's event ID of the newest entry in this log. */
export function lastLogEventId(): string {
  const log = element("log");
  return `${log.dataset.instance ?? ""}:${seqOf(log.lastElementChild)}`;
}

function seqOf(entry: Element | null): number {
  return entry instanceof HTMLElement ? Number(entry.dataset.seq) : 0;
}
