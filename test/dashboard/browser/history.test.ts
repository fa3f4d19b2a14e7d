/** The pages of the history and of the audit log, used the way a viewer does. */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { useBrowser } from "../../harness/browser.ts";
import { type Server, startServer } from "../../harness/server.ts";
import { until } from "../../harness/until.ts";
import { ask, visit } from "../../server/history/contents.ts";
import { connectServed } from "../../harness/served-client.ts";
import { flaws } from "./axe.ts";

const browser = useBrowser();

/** Waits until the history has `count` ended sessions. */
async function settled(server: Server, count: number): Promise<void> {
  await until(() => server.events("ended").length === count, "all have ended");
  const stored = () => ask<{ sessions: { endedAt: unknown }[] }>(server, "api/history?limit=1000");
  await until(
    async () =>
      (await stored()).sessions.filter(({ endedAt }) => endedAt !== null).length === count,
    "all are in the history",
  );
}

function urlOf(server: Server, path: string): string {
  return new URL(path, server.url).href;
}

function clients(page: Page): Promise<string[]> {
  return page.locator("table.sessions tbody th").allInnerTexts();
}

async function clientsOf(server: Server): Promise<string[]> {
  return server
    .events("accepted")
    .map(({ remoteAddress, remotePort }) => `${remoteAddress}:${remotePort}`);
}

test("with the keyboard alone: search, totals, a session's page, and back", async () => {
  await using server = await startServer();
  await visit(server, "127.1.1.1");
  await visit(server, "127.1.1.2");
  await visit(server, "127.2.2.2");
  await settled(server, 3);
  const [first = "", second = "", third = ""] = await clientsOf(server);
  await using tab = await browser.open(urlOf(server, "/history"));
  const { page } = tab;
  expect(await clients(page)).toEqual([third, second, first]);

  const press = async (key: string, until: string) => {
    for (let i = 0; i < 60; i += 1) {
      await page.keyboard.press(key);
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), until)) return;
    }
    throw new Error(`Tab does not lead to ${until}`);
  };
  await press("Tab", 'input[name="address"]');
  await page.keyboard.type("127.1.");
  await page.keyboard.press("Enter");
  await page.waitForURL(/address=127\.1\.$/); // and no empty fields
  expect(await clients(page)).toEqual([second, first]);
  expect(await page.locator(".totals").innerText()).toContain("127.1.1.2");

  await press("Tab", '.totals a[href*="source=127.1.1.1"]');
  await page.keyboard.press("Enter");
  await page.waitForURL(/source=127\.1\.1\.1/);
  expect(await clients(page)).toEqual([first]);

  const { id } = await server.event("accepted");
  await press("Tab", `#session-${id} a`);
  await page.keyboard.press("Enter");
  await page.waitForURL(urlOf(server, `/children/${id}`));
  await page.goBack();
  await press("Tab", '#search a[href="/history"]');
  await page.keyboard.press("Enter");
  await page.waitForURL(urlOf(server, "/history"));
  expect(await clients(page)).toEqual([third, second, first]);
});

test("a search by time uses the viewer's time zone, and its address means the same to everyone", async () => {
  await using server = await startServer({}, { env: { TZ: "UTC" } });
  await visit(server);
  await settled(server, 1);
  const { startedAt } = (await ask<{ sessions: { startedAt: string }[] }>(server, "api/history"))
    .sessions[0] ?? { startedAt: "" };
  await using tab = await browser.open(urlOf(server, "/history"), { timezoneId: "Asia/Seoul" });
  const { page } = tab;
  expect(await page.locator("#search .zone").innerText()).toBe("(UTC+09:00)");
  // The minute in which the session began, in Seoul.
  const minute = Math.floor(Date.parse(startedAt) / 60_000) * 60_000;
  const inSeoul = (at: number) => new Date(at + 9 * 3_600_000).toISOString().slice(0, 16);
  await page.locator('input[name="from"]').fill(inSeoul(minute));
  await page.locator('input[name="to"]').fill(inSeoul(minute + 60_000));
  await page.getByRole("button", { name: "Search" }).click();
  await page.waitForURL(/from=/);
  expect(new URL(page.url()).searchParams.get("from")).toBe(new Date(minute).toISOString());
  expect(await clients(page)).toHaveLength(1);
  expect(await page.locator('input[name="from"]').inputValue()).toBe(inSeoul(minute));

  await using other = await browser.open(page.url(), { timezoneId: "America/New_York" });
  expect(await clients(other.page)).toHaveLength(1);
  await other.page.locator('input[name="to"]').fill("2001-01-01T00:00");
  await other.page.getByRole("button", { name: "Search" }).click();
  await other.page.getByText("No matching sessions.").waitFor();
});

test("without a script, the search uses the server's time zone, page by page", async () => {
  await using server = await startServer({}, { env: { TZ: "Asia/Seoul" } });
  for (let i = 0; i < 101; i += 1) await visit(server);
  await settled(server, 101);
  const all = (await clientsOf(server)).reverse();
  await using tab = await browser.open(urlOf(server, "/history"), { javaScript: false });
  const { page } = tab;
  expect(await page.locator("#search .zone").innerText()).toBe("(UTC+09:00)");
  expect(await clients(page)).toHaveLength(100);
  await page.getByRole("link", { name: "Older" }).click();
  await page.waitForURL(/after=/);
  expect(await clients(page)).toEqual(all.slice(100));
  expect(await page.getByRole("link", { name: "Older" }).count()).toBe(0);
  await page.getByRole("link", { name: "Newest" }).click();
  await page.locator('input[name="to"]').fill("2001-01-01T00:00");
  await page.locator('select[name="reason"]').selectOption("quit");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText("No matching sessions.").waitFor();
});

test("the results can be downloaded", async () => {
  await using server = await startServer();
  await visit(server, "127.1.1.1");
  await visit(server, "127.2.2.2");
  await settled(server, 2);
  await using tab = await browser.open(urlOf(server, "/history?address=127.1."));
  const { page } = tab;
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "CSV" }).click();
  const file = await (await download).path();
  const text = await Bun.file(file).text();
  expect(text.split("\r\n")).toHaveLength(3);
  expect(text).toContain("127.1.1.1");
  expect((await download).suggestedFilename()).toBe("brood-history.csv");
});

test("the audit log says who did what to which session, and links to it", async () => {
  await using server = await startServer();
  await using tab = await browser.open(urlOf(server, "/audit"));
  const { page } = tab;
  await page.getByText("No operator actions yet.").waitFor();
  await using served = await connectServed(server);
  await fetch(urlOf(server, `/api/children/${served.id}?signal=TERM`), { method: "DELETE" });
  await server.event("signal outcome");
  await until(
    async () => (await ask<{ entries: unknown[] }>(server, "api/audit")).entries.length === 2,
    "it is in the history",
  );
  await page.reload();
  const row = page.locator("table.audit tbody tr").last();
  expect(await row.innerText()).toContain("operator at 127.0.0.1");
  expect(await row.innerText()).toContain("TERM sent");
  await row.getByRole("link", { name: served.address }).click();
  await page.waitForURL(urlOf(server, `/children/${served.id}`));
});

test("an invalid search is reported, and so is a disk error", async () => {
  await using server = await startServer({ history: "/dev/full" });
  await server.event("warning", ({ message }) => message.startsWith("history: "));
  await using tab = await browser.open(urlOf(server, "/history"));
  const { page } = tab;
  expect(await page.locator("#notice").innerText()).toMatch(/not being saved.*\/dev\/full/);
  const answer = await fetch(urlOf(server, "/history?reason=bored&from=x"));
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain("Invalid search");
  // Hostile text in an address is shown as text.
  const hostile = `"><script>alert(1)</script>`;
  await page.goto(
    urlOf(
      server,
      `/history?address=${encodeURIComponent(hostile)}&source=${encodeURIComponent(hostile)}`,
    ),
  );
  expect(await page.locator('input[name="address"]').inputValue()).toBe(hostile);
});

test("axe finds nothing wrong, wide or narrow, in English in both themes and in Korean", async () => {
  await using server = await startServer({ source: "24,64" });
  await using english = await browser.open("about:blank", { locale: "en-US" });
  await using korean = await browser.open("about:blank", { locale: "ko-KR" });
  const check = async (state: string, path: string) => {
    for (const { page, language, scope } of [
      { page: english.page, language: "en", scope: "both themes" },
      { page: korean.page, language: "ko", scope: "no contrast" },
    ] as const) {
      await page.goto(urlOf(server, path));
      expect([state, await page.locator("html").getAttribute("lang")]).toEqual([state, language]);
      expect([state, language, await flaws(page, { scope })]).toEqual([state, language, []]);
    }
  };
  await check("empty", "/history");
  await check("no deeds", "/audit");
  await visit(server, "127.1.1.1");
  await using leaving = await connectServed(server); // a reset any sooner would leave no session
  leaving.client.reset();
  await using served = await connectServed(server);
  await fetch(urlOf(server, `/api/children/${served.id}?signal=KILL`), { method: "DELETE" });
  await using _live = await connectServed(server);
  await until(
    async () => (await ask<{ sessions: unknown[] }>(server, "api/history")).sessions.length >= 3,
    "they are in the history",
  );
  await check("some", "/history");
  await check(
    "found",
    "/history?address=127.&source=127.1.1.0/24&reason=quit&from=2026-01-01T10:20:30Z&to=2999-01-01",
  );
  await check("none", "/history?address=xyzzy");
  await check("audit", "/audit");
});
