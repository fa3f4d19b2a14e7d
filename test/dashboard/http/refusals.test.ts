/** How requests are refused, and what may be stored of any response. */
import { expect, test } from "bun:test";
import { en } from "../../../dashboard/texts/en.ts";
import { ko } from "../../../dashboard/texts/ko.ts";
import { basic, PASSWORD, PASSWORDS, WATCH_PASSWORD } from "../../attack/page-passwords.ts";
import { startServer } from "../../harness/server.ts";
import { select, textOf } from "../markup.ts";
import { request } from "../request.ts";

const HTML = { Accept: "text/html,application/xhtml+xml" };

test("a page that asks for a password, and one that refuses it, are pages in the viewer's language", async () => {
  await using server = await startServer({}, { env: PASSWORDS });
  for (const [language, texts] of [
    ["en", en],
    ["ko", ko],
  ] as const) {
    const headers = { ...HTML, "Accept-Language": language };
    const asked = await request(server, "/", { headers });
    expect([asked.status, asked.headers.get("content-type")]).toEqual([
      401,
      "text/html; charset=UTF-8",
    ]);
    expect(textOf(asked.text, "h2")).toBe(texts.refusals.passwordRequired.title);
    const watcher = { ...headers, ...basic(WATCH_PASSWORD) };
    const refused = await request(server, "/control/drain", { headers: watcher });
    expect(refused.status).toBe(403);
    expect(textOf(refused.text, "h2")).toBe(texts.refusals.watchOnly.title);
    expect(select(refused.text, "a.button")[0]?.attributes.href).toBe("/");
  }
  const api = await request(server, "/api/children", { headers: HTML });
  expect([api.status, JSON.parse(api.text)]).toEqual([
    401,
    { error: en.refusals.passwordRequired.line },
  ]);
});

test("no response but the page's own files may be stored", async () => {
  await using server = await startServer({}, { env: PASSWORDS });
  const paths = [
    "/",
    "/pstree",
    "/charts",
    "/history",
    "/audit",
    "/metrics",
    "/healthz",
    "/api/tree",
  ];
  for (const path of [...paths, "/no", "/assets/no", "/history/export.csv"]) {
    for (const headers of [{}, basic(PASSWORD)]) {
      const answer = await request(server, path, { headers });
      expect([path, answer.headers.get("cache-control")]).toEqual([path, "no-store"]);
    }
  }
  expect((await request(server, "/assets/page.css")).headers.get("cache-control")).toBe("no-cache");
});
