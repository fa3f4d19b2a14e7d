/**
 * All sessions that match, as a file. They are read and sent a page at a time, as
 * fast as the client reads.
 */
import { asError } from "../../shared/as-error.ts";
import { type Context, Hono } from "hono";
import {
  type SearchResult,
  type History,
  type HistoryFilter,
  MAX_RESULTS,
  type SessionRecord,
} from "../../shared/history.ts";
import { csvLine, type Field } from "./csv.ts";
import { describeIssue } from "../http/openapi/responses.ts";
import { historyFilter } from "./history-query.ts";
import { sessionJson } from "../http/session-json.ts";

interface Format {
  type: string;
  begin: string;
  session(session: SessionRecord, isFirst: boolean): string;
  end: string;
}

const COLUMNS = [
  "id",
  "pid",
  "remoteAddress",
  "remotePort",
  "source",
  "startedAt",
  "endedAt",
  "reason",
  "exitCode",
  "signal",
  "servingMs",
  "firstReplyMs",
  "requests",
  "bytesIn",
  "bytesOut",
  "cpuMs",
  "maxResidentBytes",
] as const satisfies (keyof SessionRecord)[];

const FORMATS: Record<string, Format> = {
  csv: {
    type: "text/csv; charset=utf-8; header=present",
    begin: csvLine(COLUMNS),
    session(session) {
      const json: Record<(typeof COLUMNS)[number], Field> = sessionJson(session);
      return csvLine(COLUMNS.map((name) => json[name]));
    },
    end: "",
  },
  json: {
    type: "application/json; charset=utf-8",
    begin: "[",
    session: (session, isFirst) =>
      `${isFirst ? "\n" : ",\n"}${JSON.stringify(sessionJson(session))}`,
    end: "\n]\n",
  },
};

/** Each page of an export costs a search. */
const MAX_EXPORTS = 4;

export function exportRoutes(history: History): Hono {
  const app = new Hono();
  let open = 0;

  for (const [name, format] of Object.entries(FORMATS)) {
    app.get(`/history/export.${name}`, async (c) => {
      // HEAD runs this handler, too, and would read no body.
      if (c.req.method !== "GET") return c.text("GET only\n", 405, { Allow: "GET" });
      const filter = historyFilter.safeParse(c.req.query());
      if (!filter.success) return c.text(`${describeIssue(filter.error)}\n`, 400);
      if (open >= MAX_EXPORTS)
        return c.text("Too many exports at once.\n", 503, { "Retry-After": "10" });
      open += 1;
      const onEnd = () => void (open -= 1);
      const pages = pagesOf(history, filter.data, onEnd);
      const first = await pages.next().catch(asError);
      if (first instanceof Error) return c.text(`${first.message}\n`, 503);
      allowSlowReaders(c);
      return c.body(stream(first, pages, format), 200, {
        "Content-Type": format.type,
        "Content-Disposition": `attachment; filename="brood-history.${name}"`,
      });
    });
  }
  return app;
}

type Pages = AsyncGenerator<SearchResult["sessions"], void>;

/** Calls `onEnd` when the last page was read, the client disconnected, or a search failed. */
async function* pagesOf(history: History, filter: HistoryFilter, onEnd: () => void): Pages {
  try {
    let next: string | null = "";
    while (next !== null) {
      const after: { after?: string } = next === "" ? {} : { after: next };
      const found: SearchResult = await history.search({ ...filter, ...after, limit: MAX_RESULTS });
      yield found.sessions;
      next = found.next;
    }
  } finally {
    onEnd();
  }
}

/** An error cuts the response off, so that the client does not take it for complete. */
function stream(
  first: IteratorResult<SearchResult["sessions"], void>,
  pages: Pages,
  { begin, session, end }: Format,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let page = first;
  let text = begin;
  let sent = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (page.done === true) {
          controller.enqueue(encoder.encode(text + end));
          controller.close();
          return;
        }
        for (const record of page.value) {
          text += session(record, sent === 0);
          sent += 1;
        }
        controller.enqueue(encoder.encode(text));
        text = "";
        page = await pages.next();
      },
      async cancel() {
        await pages.return();
      },
    },
    { highWaterMark: 0 },
  );
}

/** A client that reads nothing for this long is disconnected, so that others get their export. */
const STALL_TIMEOUT_S = 60;

/** Bun's own limit is ten seconds, which is little for a client with a slow disk. */
function allowSlowReaders(c: Context): void {
  const { timeout } = c.env as { timeout?: (request: Request, seconds: number) => void };
  timeout?.call(c.env, c.req.raw, STALL_TIMEOUT_S);
}
