/** The log on the page: live, bounded, and where its viewer has scrolled it. */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { useBrowser } from "../../harness/browser.ts";
import { type Server, startServer } from "../../harness/server.ts";
import { until, untilEqual } from "../../harness/until.ts";
import { type ServedClient, connectServed } from "../../harness/served-client.ts";
import { untilState } from "./dashboard.ts";

const browser = useBrowser();

/** As many as the server keeps. */
const MAX_ENTRIES = 500;

function lastSeq(page: Page): Promise<number> {
  return page.locator("#log li:last-child").evaluate((entry) => Number(entry.dataset.seq));
}

/** Returns how many pixels the log is from its end. */
function fromEnd(page: Page): Promise<number> {
  return page
    .locator("#log")
    .evaluate((log) => Math.round(log.scrollHeight - log.clientHeight - log.scrollTop));
}

/** Sends enough requests for the log to grow by `entries`, in a few reports of the child. */
async function fill(server: Server, served: ServedClient, entries: number): Promise<void> {
  const wanted = server.events("request").length + entries;
  const BATCH_SIZE = 32;
  for (let left = entries; left > 0; left -= BATCH_SIZE) {
    const count = Math.min(left, BATCH_SIZE);
    await served.client.send("time\n".repeat(count));
    await served.client.read(20 * count);
  }
  await until(() => server.events("request").length >= wanted, `${entries} more are logged`);
}

test("new entries appear in order, with their child and client", async () => {
  await using server = await startServer();
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  await using served = await connectServed(server);
  await served.askTime();
  await served.quit();
  await server.event("ended");
  const entries = page.locator("#log li");
  await untilEqual(() => entries.count(), server.log.length);
  const texts = (await entries.allInnerTexts()).map((text) => text.replace(/^[\d:.]+ /, ""));
  const whom = `${served.pid} ${served.address}`;
  expect(texts[1]).toStartWith("children run as ");
  expect(texts.slice(2)).toEqual([
    `${served.address} client connected`,
    `${whom} child spawned`,
    expect.stringMatching(new RegExp(`^${whom} child serving after [\\d.]+ ms$`)),
    expect.stringMatching(new RegExp(`^${whom} first reply after \\d+(?: ms|\\.\\d s)$`)),
    `${whom} request time`,
    `${whom} request quit`,
    expect.stringContaining(`${whom} ended: quit, `),
  ]);
});

test("the log keeps the last 500 entries and scrolls to its end", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  await fill(server, served, MAX_ENTRIES + 60);
  await untilEqual(() => lastSeq(page), server.log.length);
  const numbers = await page
    .locator("#log li")
    .evaluateAll((entries) => entries.map(({ dataset }) => Number(dataset.seq)));
  const newest = server.log.map((_, index) => index + 1).slice(-MAX_ENTRIES);
  expect(numbers).toEqual(newest);
  expect(await fromEnd(page)).toBeLessThan(2);

  await page.reload();
  await untilState(page, "live");
  await untilEqual(() => page.locator("#log li").count(), MAX_ENTRIES);
  expect(await lastSeq(page)).toBe(server.log.length);
  await untilEqual(() => fromEnd(page), 0);
});

test("a log scrolled back stays in place, and follows again once at its end", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  await fill(server, served, MAX_ENTRIES);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  const log = page.locator("#log");
  await log.evaluate((element) => void (element.scrollTop = element.scrollHeight / 2));
  // The first entry that is completely visible.
  const seq = await log.evaluate((element) => {
    const { top } = element.getBoundingClientRect();
    const entries = [...element.children] as HTMLElement[];
    return entries.find((entry) => entry.getBoundingClientRect().top >= top)?.dataset.seq;
  });
  const read = page.locator(`#log [data-seq="${seq}"]`);
  const topOf = () => read.evaluate((entry) => Math.round(entry.getBoundingClientRect().top));
  const before = await topOf();

  await fill(server, served, 64);
  await untilEqual(() => lastSeq(page), server.log.length);
  await untilEqual(() => page.locator("#log li").count(), MAX_ENTRIES);
  await untilEqual(topOf, before);
  expect(await fromEnd(page)).toBeGreaterThan(100);

  await log.evaluate((element) => void (element.scrollTop = element.scrollHeight));
  await fill(server, served, 32);
  await untilEqual(() => lastSeq(page), server.log.length);
  expect(await fromEnd(page)).toBeLessThan(2);
});

test("a reload while entries arrive shows each entry once", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  for (let i = 0; i < 3; i += 1) {
    await served.askTime();
    await page.reload();
  }
  const stream = page.waitForRequest("**/events*");
  await page.reload();
  const position = (await (await stream).allHeaders())["last-event-id"];
  expect(position).toMatch(new RegExp(`^${served.id.split("-")[0]}:[1-9]\\d*$`));
  await untilState(page, "live");
  await served.askTime();
  await until(() => server.events("request").length === 4, "all requests have been logged");
  await untilEqual(() => lastSeq(page), server.log.length);
  const numbers = await page
    .locator("#log li")
    .evaluateAll((entries) => entries.map(({ dataset }) => Number(dataset.seq)));
  expect(numbers).toEqual(server.log.map((_, index) => index + 1));
});
