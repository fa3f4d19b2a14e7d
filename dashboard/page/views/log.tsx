/** @jsxImportSource hono/jsx */
/** The log, newest entry last. */
import type { Child as Content } from "hono/jsx";
import { formatAddress } from "../../../shared/address.ts";
import type { LogEntry, LogEvent } from "../../../shared/log.ts";
import { childPath } from "../../child/child-view.ts";
import { useTexts } from "../../http/viewer.tsx";
import { Time } from "../../views/time.tsx";

export function Log({ entries, instance }: { entries: readonly LogEntry[]; instance: string }) {
  return (
    <Entries instance={instance}>
      {entries.map((entry) => (
        <Entry entry={entry} />
      ))}
    </Entries>
  );
}

/**
 * `instance` distinguishes the log of this master from that of the next, whose
 * entries count from 1 again.
 */
export function Entries({ instance, children }: { instance: string; children: Content }) {
  return (
    <ol id="log" data-instance={instance} tabindex={0} aria-label={useTexts().log.title}>
      {children}
    </ol>
  );
}

export function Entry({ entry: { seq, at, event } }: { entry: LogEntry }) {
  return (
    <li data-seq={seq} data-tone={toneOf(event)}>
      <Time at={at} precision="milliseconds" />{" "}
      {"pid" in event && "id" in event && (
        <>
          <a class="pid" href={childPath(event.id)}>
            {event.pid}
          </a>{" "}
        </>
      )}
      {"remoteAddress" in event && (
        <span class="client">{formatAddress(event.remoteAddress, event.remotePort)} </span>
      )}
      {useTexts().log.describe(event)}
    </li>
  );
}

/** Returns how an entry stands out from the usual ones; undefined if it does not. */
export function toneOf(event: LogEvent): "bad" | "notable" | undefined {
  switch (event.event) {
    case "warning":
    case "failed":
    case "overdue":
    case "paused":
      return "bad";
    case "ended":
      return event.reason === "crashed" ? "bad" : undefined;
    case "refused":
    case "refusals not listed":
    case "signal sent":
    case "reloaded":
    case "draining":
    case "stopping":
      return "notable";
    default:
      return undefined;
  }
}
