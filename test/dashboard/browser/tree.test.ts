/** The tree: lines stay in place while someone might press a button in it. */
import { expect, test } from "bun:test";
import type { Locator, Page } from "playwright-core";
import { useBrowser } from "../../harness/browser.ts";
import { shareServers } from "../../harness/shared-server.ts";
import { until, untilEqual } from "../../harness/until.ts";
import { type ServedClient, connectServed } from "../../harness/served-client.ts";
import {
  boxesOf,
  killLink,
  pointAway,
  rowOf,
  rowPids,
  treeLines,
  untilState,
  untilTreeEnds,
  focusedLabel,
} from "./dashboard.ts";

const browser = useBrowser();
const sharedServer = shareServers();

/** The line of a child that has one of its own. */
function lineOf(page: Page, { id }: ServedClient): Locator {
  return page.locator("#tree .line", { has: page.locator(`[data-rows="${id}"]`) });
}

async function untilRows(page: Page, ...servedClients: ServedClient[]): Promise<void> {
  await untilEqual(
    () => rowPids(page),
    servedClients.map(({ pid }) => pid),
  );
}

test("one child per line: no line moves under the pointer, and ended children are struck out in place", async () => {
  const server = await sharedServer();
  await using first = await connectServed(server);
  await using second = await connectServed(server);
  await using third = await connectServed(server);
  await using tab = await browser.open(`${server.url}?compact=0&pids=1`);
  const { page } = tab;
  await untilState(page, "live");
  const lines = page.locator("#tree .line");
  for (const width of [1440, 768, 390]) {
    await page.setViewportSize({ width, height: 900 });
    await until(async () => (await lines.count()) === 3, "there are three lines");
    await using fourth = await connectServed(server);
    await lineOf(page, fourth).waitFor();

    await killLink(lineOf(page, third)).hover();
    const before = await boxesOf(lines);
    const shown = await treeLines(page);
    await fourth.quit();
    await page.locator("#tree .line[data-ended]").waitFor();
    await using fifth = await connectServed(server);
    await untilRows(page, first, second, third, fifth);
    expect([width, await boxesOf(lines)]).toEqual([width, before]);
    expect(await treeLines(page)).toEqual(shown);
    const gone = lineOf(page, fourth);
    expect(await gone.getAttribute("data-ended")).toBe("");
    expect(await gone.evaluate((line) => getComputedStyle(line).textDecorationLine)).toBe(
      "line-through",
    );
    expect(await killLink(gone).isVisible()).toBe(false);
    expect(await page.locator("#tree .line[data-ended]").count()).toBe(1);
    expect(await page.locator("section.tree .lock-note").isVisible()).toBe(true);

    await pointAway(page);
    await lineOf(page, fifth).waitFor();
    expect(await lineOf(page, fourth).count()).toBe(0);
    expect(await page.locator("#tree .line[data-ended]").count()).toBe(0);
    expect(await page.locator("section.tree .lock-note").isVisible()).toBe(false);
    await fifth.quit();
  }
});

test("one child per line: no line moves while the focus is in the tree", async () => {
  const server = await sharedServer();
  await using first = await connectServed(server);
  await using second = await connectServed(server);
  await using tab = await browser.open(`${server.url}?compact=0`);
  const { page } = tab;
  await untilState(page, "live");
  await lineOf(page, second).waitFor();
  await killLink(lineOf(page, second)).focus();
  const name = await focusedLabel(page);
  await first.quit();
  await page.locator("#tree .line[data-ended]").waitFor();
  await using third = await connectServed(server);
  await untilRows(page, second, third);
  expect(await page.locator("#tree .line").count()).toBe(2);
  expect(await focusedLabel(page)).toBe(name);
  await page.locator("#pause").focus();
  await lineOf(page, third).waitFor();
  expect(await lineOf(page, first).count()).toBe(0);
});

test("a compact tree has no buttons, so it changes under the pointer, too", async () => {
  const server = await sharedServer();
  await using _first = await connectServed(server);
  await using _second = await connectServed(server);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  await untilTreeEnds(page, "server---2*[server]");
  await page.locator("#tree code").hover();
  await using _third = await connectServed(server);
  await untilTreeEnds(page, "server---3*[server]");
});

test("a click on a node highlights the rows of its children and moves the focus there", async () => {
  const server = await sharedServer();
  await using first = await connectServed(server);
  await using second = await connectServed(server);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  await untilTreeEnds(page, "server---2*[server]");
  const found = () =>
    page.locator("#rows > [data-highlighted]").evaluateAll((rows) => rows.map(({ id }) => id));
  const focused = () => page.evaluate(() => document.activeElement?.id);

  await page.locator("#tree a.node").click();
  expect(await found()).toEqual([`row-${first.id}`, `row-${second.id}`]);
  expect(await focused()).toBe(`row-${first.id}`);

  await page.locator("#compact").check();
  await lineOf(page, second).waitFor();
  await lineOf(page, second).locator("a.node").click();
  expect(await found()).toEqual([`row-${second.id}`]);
  expect(await focused()).toBe(`row-${second.id}`);

  await second.askTime();
  const out = rowOf(page, second).locator('[data-label="Out"]');
  await untilEqual(() => out.innerText(), "19 B");
  expect(await found()).toEqual([`row-${second.id}`]);
  expect(await focused()).toBe(`row-${second.id}`);
});

test("a highlighted row outside the window is scrolled to", async () => {
  const server = await sharedServer();
  await using stack = new AsyncDisposableStack();
  for (let i = 0; i < 39; i += 1) stack.use(await connectServed(server));
  await using last = await connectServed(server);
  await using tab = await browser.open(`${server.url}?compact=0`);
  const { page } = tab;
  await untilState(page, "live");
  const row = rowOf(page, last);
  const inSight = () =>
    row.evaluate((element) => {
      const { bottom } = element.getBoundingClientRect();
      const room = element.closest(".scroll")?.getBoundingClientRect().bottom ?? 0;
      return bottom < Math.min(room, innerHeight) + 1;
    });
  expect(await inSight()).toBe(false);
  await lineOf(page, last).locator("a.node").click();
  await until(inSight, "the row is in sight");
});
