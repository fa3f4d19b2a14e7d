/** The charts in a real browser. What they show is read from their legends, as viewers do. */
import { expect, test } from "bun:test";
import type { Locator, Page } from "playwright-core";
import { useBrowser } from "../../harness/browser.ts";
import { connect } from "../../harness/connect.ts";
import { startServer } from "../../harness/server.ts";
import { until, untilEqual } from "../../harness/until.ts";
import { connectServed, connectManyServed } from "../../harness/served-client.ts";
import { request } from "../request.ts";
import { flaws, overflow } from "./axe.ts";
import { SERVER_AWAY } from "./dashboard.ts";

const browser = useBrowser();

function chartOf(page: Page, title: string): Locator {
  return page.locator("figure.chart", { has: page.getByRole("heading", { name: title }) });
}

/** Returns the items of the legend: `live 3`. */
async function legendOf(page: Page, title: string): Promise<string[]> {
  return chartOf(page, title).locator(".legend li:visible").allInnerTexts();
}

/** Returns the text of the slider that selects a point: its time and its values. */
async function valueText(page: Page, title: string): Promise<string> {
  return (await page.getByRole("slider", { name: title }).getAttribute("aria-valuetext")) ?? "";
}

/** Returns the time in that text, or "". */
async function timeOf(page: Page, title: string): Promise<string> {
  return /^\d\d:\d\d:\d\d/.exec(await valueText(page, title))?.[0] ?? "";
}

/** Returns the pixels of the first chart's canvas. */
async function image(page: Page): Promise<string> {
  return page
    .locator("canvas")
    .first()
    .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
}

/** Waits until the newest second is known and drawn. */
async function untilMeasured(page: Page): Promise<void> {
  await until(
    async () => / [\d.]+ MB/.test(await valueText(page, "Master memory")),
    "points are drawn",
  );
}

test("the charts show what happens as it happens", async () => {
  await using server = await startServer({ maxClients: 3 });
  await using tab = await browser.open(`${server.url}charts`);
  const { page } = tab;
  await page.locator('main[data-state="live"]').waitFor();
  expect(await page.locator(".state").innerText()).toBe("live");
  expect(await chartOf(page, "Refused").innerText()).toContain("No clients were refused");
  expect(await page.locator("figure.chart canvas").count()).toBe(7);

  await using servedClients = await connectManyServed(server, 3);
  for (const served of servedClients.all) await served.askTime();
  await using refused = await connect(server.port);
  await refused.readToEnd();
  await untilEqual(() => legendOf(page, "Live clients"), ["live 3"]);
  await until(
    async () => (await legendOf(page, "Refused"))[0]?.startsWith("too many clients "),
    "the refusal has a line",
  );
  await servedClients.all[0]?.quit();
  await untilEqual(() => legendOf(page, "Live clients"), ["live 2"]);
  const [mine = ""] = await legendOf(page, "Master memory");
  expect(mine).toMatch(/^private \d+(\.\d)? MB$/);
});

test("the range is in the address, and coarser ranges show the mean and the maximum", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(`${server.url}charts`);
  const { page } = tab;
  await served.askTime();
  for (const [name, range] of [
    ["1 hour", "1h"],
    ["1 day", "1d"],
  ] as const) {
    await page.getByRole("link", { name }).click();
    expect(new URL(page.url()).search).toBe(`?range=${range}`);
    expect(await page.locator(".bar [aria-current]").innerText()).toBe(name);
    await until(
      async () => /^mean [\d.]+,maximum 1$/.test(String(await legendOf(page, "Live clients"))),
      "the client is in the point under way",
    );
  }
  await page.getByRole("link", { name: "5 minutes" }).click();
  await untilEqual(() => legendOf(page, "Live clients"), ["live 1"]);
});

test("the arrow keys and the pointer select a point, and all charts show the same one", async () => {
  await using server = await startServer();
  await using tab = await browser.open(`${server.url}charts`);
  const { page } = tab;
  await untilMeasured(page);
  const slider = page.getByRole("slider", { name: "Master CPU" });
  // Besides the newest point, which changes, there are some that stay.
  const points = async () => Number(await slider.getAttribute("aria-valuemax"));
  await until(async () => (await points()) > 3, "several points are drawn");
  await page.getByRole("slider", { name: "first reply" }).focus();
  await page.keyboard.press("Tab"); // the table of that chart
  await page.keyboard.press("Tab");
  // Keyboard focus selects a point immediately, and it stays selected.
  expect(await chartOf(page, "Live clients").locator(".time").innerText()).not.toBe("");
  await page.keyboard.press("Home");
  const oldest = await timeOf(page, "Master CPU");
  expect(oldest).not.toBe("");
  await page.keyboard.press("PageUp"); // the oldest point leaves the range within a second
  const first = await timeOf(page, "Master CPU");
  expect(first > oldest).toBe(true);
  expect(await timeOf(page, "Master memory")).toBe(first);
  expect(await chartOf(page, "Live clients").locator(".time").innerText()).toBe(first);
  await page.keyboard.press("ArrowRight");
  expect((await timeOf(page, "Live clients")) > first).toBe(true);
  await page.keyboard.press("ArrowLeft");
  expect(await timeOf(page, "Event loop delay")).toBe(first);

  // The point stays selected while others are added.
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowLeft");
  const chosen = await timeOf(page, "Master CPU");
  const position = async () => Number(await slider.getAttribute("aria-valuenow"));
  const before = await position();
  await until(async () => (await position()) < before - 1, "two newer points are added");
  expect(await timeOf(page, "Master CPU")).toBe(chosen);
  expect(await timeOf(page, "Live clients")).toBe(chosen);
  await page.keyboard.press("Escape");
  await until(
    async () => (await timeOf(page, "Live clients")) > chosen,
    "the newest point is shown again",
  );
  expect(await chartOf(page, "Live clients").locator(".time").innerText()).toBe("");

  await page.getByRole("slider", { name: "Live clients" }).hover();
  const when = chartOf(page, "Master memory").locator(".time");
  await until(async () => (await when.innerText()) !== "", "the others follow the pointer");
  await page.mouse.move(1, 1);
  await untilEqual(() => when.innerText(), "");
});

test("nothing is polled while the page is paused or hidden", async () => {
  await using server = await startServer();
  await using tab = await browser.open(`${server.url}charts`);
  const { page } = tab;
  let asked = 0;
  page.on("request", (request) => {
    if (request.url().includes("/api/series")) asked += 1;
  });
  await until(() => asked > 0, "the page polls");
  const threeSeconds = async () => {
    const begin = Date.now();
    await until(async () => {
      const { text } = await request(server, `api/series?after=${begin}`);
      return (JSON.parse(text) as { at: number[] }).at.length >= 3;
    }, "three more seconds are measured");
  };

  const pause = page.getByRole("button", { name: "Pause" });
  await pause.click();
  await untilEqual(() => page.locator(".state").innerText(), "paused");
  expect(await pause.getAttribute("aria-pressed")).toBe("true");
  const pausedAt = asked;
  await threeSeconds();
  expect(asked).toBe(pausedAt);
  await pause.click();
  await untilEqual(() => page.locator(".state").innerText(), "live");

  await page.evaluate(hide, true);
  const hiddenAt = asked;
  await threeSeconds();
  expect(asked).toBeLessThanOrEqual(hiddenAt + 1); // one request may have been in progress
  await page.evaluate(hide, false);
  await until(() => asked > hiddenAt + 1, "the page polls again");
});

/** As the browser does for a tab in the background. */
function hide(hidden: boolean): void {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}

test("an unreachable server is reported, and the charts stay", async () => {
  const server = await startServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(`${server.url}charts`, { expected: SERVER_AWAY });
  const { page } = tab;
  await untilEqual(() => legendOf(page, "Live clients"), ["live 1"]);
  await served.quit();
  await server.stop();
  await page.locator('main[data-state="failing"]').waitFor();
  expect(await page.locator(".state").innerText()).toStartWith("the server is not responding");
  expect((await legendOf(page, "Live clients")).length).toBe(1);
});

test("a chart is redrawn for another theme and another width", async () => {
  await using server = await startServer();
  await using tab = await browser.open(`${server.url}charts`);
  const { page } = tab;
  await untilMeasured(page);
  await page.getByRole("button", { name: "Pause" }).click();
  const light = await image(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await until(async () => (await image(page)) !== light, "it has been redrawn in other colours");
  await page.emulateMedia({ colorScheme: "light" });
  await untilEqual(() => image(page), light);

  const width = () =>
    page
      .locator("canvas")
      .first()
      .evaluate((canvas) => canvas.clientWidth);
  const wide = await width();
  await page.setViewportSize({ width: 390, height: 800 });
  await until(async () => (await width()) < wide, "it is narrower");
  expect(await overflow(page)).toBeLessThanOrEqual(0);
});

test("a table has the same values, and is renewed when opened", async () => {
  await using server = await startServer();
  await using tab = await browser.open(`${server.url}charts`);
  const { page } = tab;
  await using servedClients = await connectManyServed(server, 2);
  expect(servedClients.all).toHaveLength(2);
  await untilEqual(() => legendOf(page, "Live clients"), ["live 2"]);
  const chart = chartOf(page, "Live clients");
  const summary = chart.locator("summary");
  await until(async () => {
    await summary.focus();
    await page.keyboard.press("Enter");
    if ((await chart.locator("details[open]").count()) === 0) return false;
    const row = chart.getByRole("row").nth(1);
    const [time, value] = (await row.innerText({ timeout: 1000 }).catch(() => "")).split(/\s+/);
    return /^\d\d:\d\d:\d0$/.test(time ?? "") && Number(value) > 0;
  }, "its newest row has the clients");
  expect(await chart.getByRole("table").getByRole("columnheader").allInnerTexts()).toEqual([
    "Time",
    "live",
  ]);
  expect(await chart.locator("caption").innerText()).toStartWith("Live clients, newest first; ");
});

test("axe finds nothing wrong with it, wide or narrow, in English in both themes and in Korean", async () => {
  await using server = await startServer({ maxClients: 1 });
  await using served = await connectServed(server);
  await served.askTime();
  await using refused = await connect(server.port);
  await refused.readToEnd();
  for (const { locale, scope } of [
    { locale: "en-US", scope: "both themes" },
    { locale: "ko-KR", scope: "no contrast" },
  ] as const) {
    await using tab = await browser.open("about:blank", { locale });
    const { page } = tab;
    for (const range of ["5m", "1d"]) {
      await page.goto(`${server.url}charts?range=${range}`);
      await page.locator('main[data-state="live"]').waitFor();
      for (const tables of ["closed", "open"]) {
        if (tables === "open") {
          for (const summary of await page.locator("summary").all()) await summary.click();
        }
        const state = [locale, range, tables];
        expect([...state, await flaws(page, { scope })]).toEqual([...state, []]);
      }
    }
  }
});

test("the page of charts is in Korean for Korean viewers", async () => {
  await using server = await startServer();
  await using tab = await browser.open(`${server.url}charts`, { locale: "ko-KR" });
  const { page } = tab;
  await untilEqual(() => page.locator(".state").innerText(), "실시간");
  expect(await page.title()).toBe("차트 · brood");
  await untilEqual(() => legendOf(page, "접속 중인 클라이언트"), ["접속 중 0"]);
  expect(await page.getByRole("link", { name: "1시간" }).count()).toBe(1);
});

test("without JavaScript, the tables are open", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  await served.askTime();
  await until(async () => {
    const { text } = await request(server, "charts");
    return text.includes("</th><td>1</td>");
  }, "the client is in a table");
  await using tab = await browser.open(`${server.url}charts`, { javaScript: false });
  const { page } = tab;
  expect(await page.locator(".bar").innerText()).toContain("need JavaScript");
  expect(await page.getByRole("table").count()).toBeGreaterThan(4);
  await page
    .getByRole("cell", { name: /^\d+(\.\d)? MB$/ })
    .first()
    .waitFor();
  expect(await page.locator(".plot:visible, button:visible").count()).toBe(0);
  await page.getByRole("link", { name: "1 hour" }).click();
  expect(new URL(page.url()).search).toBe("?range=1h");
});
