/** All sessions that match, as a file: read and sent a page at a time, as fast as it is taken. */
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

/** How sessions are written one after the other. */
interface Form {
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

const FORMS: Record<string, Form> = {
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

/** Each costs the history a search for each page of it. */
const MOST_EXPORTS = 4;

export function exportRoutes(history: History): Hono {
  const app = new Hono();
  let exports = 0;

  for (const [name, form] of Object.entries(FORMS)) {
    app.get(`/history/export.${name}`, async (c) => {
      // HEAD runs this handler too, and nobody would read it.
      if (c.req.method !== "GET") return c.text("GET only\n", 405, { Allow: "GET" });
      const filter = historyFilter.safeParse(c.req.query());
      if (!filter.success) return c.text(`${describeIssue(filter.error)}\n`, 400);
      if (exports >= MOST_EXPORTS)
        return c.text("Too many exports at once.\n", 503, { "Retry-After": "10" });
      exports += 1;
      const done = () => void (exports -= 1);
      const pages = pagesOf(history, filter.data, done);
      const first = await pages.next().catch(asError);
      if (first instanceof Error) return c.text(`${first.message}\n`, 503);
      waitForReader(c);
      return c.body(stream(first, pages, form), 200, {
        "Content-Type": form.type,
        "Content-Disposition": `attachment; filename="brood-history.${name}"`,
        "Cache-Control": "no-store",
      });
    });
  }
  return app;
}

type Pages = AsyncGenerator<SearchResult["sessions"], void>;

/** `done` is called at their end, whatever that is. */
async function* pagesOf(history: History, filter: HistoryFilter, done: () => void): Pages {
  try {
    let next: string | null = "";
    while (next !== null) {
      const after: { after?: string } = next === "" ? {} : { after: next };
      const found: SearchResult = await history.search({ ...filter, ...after, limit: MAX_RESULTS });
      yield found.sessions;
      next = found.next;
    }
  } finally {
    done();
  }
}

/** An error breaks the answer off, so that what was sent is not taken for all. */
function stream(
  first: IteratorResult<SearchResult["sessions"], void>,
  pages: Pages,
  { begin, session, end }: Form,
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
        for (const one of page.value) {
          text += session(one, sent === 0);
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

/** Who takes nothing for so long (s) is given up: others wait for their export. */
const STALLED = 60;

/** Bun breaks off an answer that is not read for ten seconds, which is little for somebody with a slow disk. */
function waitForReader(c: Context): void {
  const { timeout } = c.env as { timeout?: (request: Request, seconds: number) => void };
  timeout?.call(c.env, c.req.raw, STALLED);
}
