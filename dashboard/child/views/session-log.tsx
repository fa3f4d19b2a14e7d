/** @jsxImportSource hono/jsx */
/**
 * The log of one session, without the PID and the client. What the client
 * sent is shown only on demand.
 */
import type { LogEntry, LogEvent } from "../../../shared/log.ts";
import { useTexts } from "../../http/viewer.tsx";
import type { Texts } from "../../texts/en.ts";
import { toneOf } from "../../page/views/log.tsx";
import { Time } from "../../views/time.tsx";

interface Props {
  id: string;
  entries: readonly LogEntry[];
  contents: boolean;
}

export function SessionLog({ id, entries, contents }: Props) {
  const texts = useTexts();
  return (
    <ol id="log" data-instance={id} tabindex={0} aria-label={texts.log.title}>
      {entries.map(({ seq, at, event }) => (
        <li data-seq={seq} data-tone={toneOf(event)}>
          <Time at={at} precision="milliseconds" /> {describe(event, contents, texts)}
        </li>
      ))}
    </ol>
  );
}

function describe(event: LogEvent, contents: boolean, texts: Texts): string {
  if (event.event !== "request") return texts.log.describe(event);
  const { requests } = texts.child;
  const text = requests.entry(requests.kinds[event.kind], event.bytesIn, event.bytesOut);
  return contents ? `${text}: ${event.text}` : text;
}
