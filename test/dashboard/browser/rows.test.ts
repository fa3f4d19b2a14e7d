/**
 * The rows keep still while somebody is at them: a live list that moves between the aim and the
 * click makes people kill the wrong process.
 */
import { expect, test } from "bun:test";
import type { Locator, Page } from "playwright-core";
import { useBrowser } from "../../harness/browser.ts";
import { startServer } from "../../harness/server.ts";
import { shareServers } from "../../harness/shared-server.ts";
import { untilEqual } from "../../harness/until.ts";
import {
  type ServedClient,
  connectServed,
  connectManyServed,
} from "../../harness/served-client.ts";
import { request } from "../request.ts";
import {
  boxesOf,
  dialog,
  killLink,
  menu,
  orderReceived,
  pointAway,
  rowOf,
  rowPids,
  signalsLink,
  treeLines,
  untilState,
  focusedLabel,
} from "./dashboard.ts";

const browser = useBrowser();
const sharedServer = shareServers();

const BY_OUTPUT = "?sort=out&dir=desc";

function pidsOf(...servedClients: ServedClient[]): number[] {
  return servedClients.map(({ pid }) => pid);
}

function idsOf(...servedClients: ServedClient[]): string {
  return servedClients.map(({ id }) => id).join(" ");
}

function lockNote(page: Page): Locator {
  return page.locator("section.table .lock-note");
}

/** Waits until the server has told the page of this order, whether it shows it or not. */
async function untilOrder(page: Page, ...servedClients: ServedClient[]): Promise<void> {
  await untilEqual(() => orderReceived(page), idsOf(...servedClients));
}

async function cell(page: Page, served: ServedClient, label: string): Promise<string> {
  return rowOf(page, served).locator(`[data-label="${label}"]`).innerText();
}

test("no row moves under the pointer, whichever children come and go, at every width", async () => {
  const server = await sharedServer();
  await using tab = await browser.open(`${server.url}${BY_OUTPUT}`);
  const { page } = tab;
  await untilState(page, "live");
  for (const width of [1440, 768, 390]) {
    await page.setViewportSize({ width, height: 900 });
    await using first = await connectServed(server);
    await using second = await connectServed(server);
    await using third = await connectServed(server);
    await first.askTime(3);
    await second.askTime(2);
    await third.askTime(1);
    await untilOrder(page, first, second, third);
    await untilEqual(() => rowPids(page), pidsOf(first, second, third));

    await rowOf(page, second).locator("th").hover();
    const shown = page.locator([first, second, third].map(({ id }) => `#row-${id}`).join());
    const before = await boxesOf(shown);
    expect(before).toHaveLength(3);
    const tooHigh = (row: Element) => row.scrollHeight > row.clientHeight + 1;
    expect(await rowOf(page, second).evaluate(tooHigh)).toBe(false);

    // The order changes.
    await third.askTime(5);
    await untilOrder(page, third, first, second);
    await untilEqual(() => cell(page, third, "Out"), "114 B");
    expect(await rowPids(page)).toEqual(pidsOf(first, second, third));
    expect([width, await boxesOf(shown)]).toEqual([width, before]);
    expect(await lockNote(page).isVisible()).toBe(true);

    // A new child belongs at the top.
    await using fourth = await connectServed(server);
    await fourth.askTime(10);
    await untilOrder(page, fourth, third, first, second);
    expect(await rowPids(page)).toEqual(pidsOf(first, second, third, fourth));
    expect([width, await boxesOf(shown)]).toEqual([width, before]);

    // One client leaves, and another child is killed by someone else.
    await first.quit();
    process.kill(third.pid, "SIGKILL");
    await untilOrder(page, fourth, second);
    expect(await rowPids(page)).toEqual(pidsOf(first, second, third, fourth));
    expect([width, await boxesOf(shown)]).toEqual([width, before]);
    expect(await cell(page, first, "State")).toBe("quit");
    expect(await cell(page, third, "State")).toBe("killed by signal");
    for (const served of [first, third]) {
      const row = rowOf(page, served);
      expect(await row.getAttribute("data-state")).toBe("ended");
      const pid = row.locator("th");
      expect(await pid.evaluate((th) => getComputedStyle(th).textDecorationLine)).toBe(
        "line-through",
      );
      expect(await row.locator(".actions a, input").filter({ visible: true }).count()).toBe(0);
    }
    expect(await killLink(rowOf(page, second)).isVisible()).toBe(true);

    await pointAway(page);
    await untilEqual(() => rowPids(page), pidsOf(fourth, second));
    expect(await lockNote(page).isVisible()).toBe(false);
  }
});

test("nor does one move when the lock note appears, however full the table's head is", async () => {
  await using server = await startServer({ maxPerSource: 100 });
  await using servedClients = await connectManyServed(server, 51);
  await using tab = await browser.open(`${server.url}?rows=50&sort=since&dir=desc`);
  const { page } = tab;
  await untilState(page, "live");
  const [, served] = servedClients.all.toReversed();
  if (served === undefined) throw new Error("no clients");
  for (const width of [1440, 1280, 1100, 768]) {
    await page.setViewportSize({ width, height: 900 });
    await rowOf(page, served).locator("th").hover();
    const before = [width, await boxesOf(rowOf(page, served))];
    await using late = await connectServed(server);
    await rowOf(page, late).waitFor();
    await lockNote(page).waitFor();
    expect([width, await boxesOf(rowOf(page, served))]).toEqual(before);

    await late.quit();
    await pointAway(page);
    await rowOf(page, late).waitFor({ state: "detached" });
    await lockNote(page).waitFor({ state: "hidden" });
  }
});

test("nor does one move when the tree above it grows or shrinks, whatever its options", async () => {
  const server = await sharedServer();
  await using first = await connectServed(server);
  await using tab = await browser.open("about:blank");
  const { page } = tab;
  // The log is sent after the tree.
  const told = async ({ pid, address }: ServedClient, what: string) =>
    page.locator("#log li", { hasText: `${pid} ${address} ${what}` }).waitFor();
  for (const { query, width } of [
    { query: "", width: 768 },
    { query: "?compact=0", width: 1440 },
    { query: "?pids=1", width: 768 },
  ]) {
    await page.setViewportSize({ width, height: 900 });
    await page.goto(`${server.url}${query}`);
    await untilState(page, "live");
    await untilOrder(page, first);
    await rowOf(page, first).locator("th").hover();
    const position = async () => [query, await boxesOf(rowOf(page, first))];
    const before = await position();

    await using second = await connectServed(server);
    await told(second, "child serving");
    await untilOrder(page, first, second);
    expect(await position()).toEqual(before);
    await using third = await connectServed(server);
    await told(third, "child serving");
    expect(await position()).toEqual(before);
    await third.quit();
    await second.quit();
    await told(second, "ended: quit");
    expect(await position()).toEqual(before);

    await using fourth = await connectServed(server);
    await told(fourth, "child serving");
    await pointAway(page);
    const { text } = await request(server, `/pstree${query}`);
    await untilEqual(async () => `${(await treeLines(page)).join("\n")}\n`, text);
    await fourth.quit();
    await untilOrder(page, first);
  }
});

test("no row moves while the focus is in one, and its position stays", async () => {
  const server = await sharedServer();
  await using first = await connectServed(server);
  await using second = await connectServed(server);
  await first.askTime();
  await using tab = await browser.open(`${server.url}${BY_OUTPUT}`);
  const { page } = tab;
  await untilState(page, "live");
  await untilOrder(page, first, second);
  await untilEqual(() => rowPids(page), pidsOf(first, second));
  await killLink(rowOf(page, second)).focus();
  const name = await focusedLabel(page);

  await second.askTime(4);
  await untilOrder(page, second, first);
  expect(await rowPids(page)).toEqual(pidsOf(first, second));
  await untilEqual(() => cell(page, second, "Out"), "76 B");
  expect(await focusedLabel(page)).toBe(name);

  await page.locator("#pause").focus();
  await untilEqual(() => rowPids(page), pidsOf(second, first));
});

test("no row moves behind an open menu or question", async () => {
  const server = await sharedServer();
  await using first = await connectServed(server);
  await using second = await connectServed(server);
  await first.askTime();
  await using tab = await browser.open(`${server.url}${BY_OUTPUT}`);
  const { page } = tab;
  await untilState(page, "live");
  await untilOrder(page, first, second);
  await untilEqual(() => rowPids(page), pidsOf(first, second));

  await signalsLink(rowOf(page, first)).click();
  await menu(page).waitFor();
  await pointAway(page);
  const position = await boxesOf(menu(page));
  await second.askTime(4);
  await untilOrder(page, second, first);
  expect(await rowPids(page)).toEqual(pidsOf(first, second));
  expect(await boxesOf(menu(page))).toEqual(position);

  await menu(page).getByText("STOP").click();
  await dialog(page).waitFor();
  await pointAway(page);
  await using third = await connectServed(server);
  await untilOrder(page, second, first, third);
  expect(await rowPids(page)).toEqual(pidsOf(first, second, third));
  await first.askTime(9);
  await untilOrder(page, first, second, third);
  await second.askTime(9);
  await untilOrder(page, second, first, third);
  expect(await rowPids(page)).toEqual(pidsOf(first, second, third));

  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "hidden" });
  await page.locator("#pause").focus();
  await untilEqual(() => rowPids(page), pidsOf(second, first, third));
});

test("the table is locked after a change of the view, too", async () => {
  const server = await sharedServer();
  await using first = await connectServed(server);
  await using second = await connectServed(server);
  await first.askTime();
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  await page.getByRole("link", { name: "Out" }).click();
  await page.locator('th[data-column="out"][aria-sort="descending"]').waitFor();
  await untilState(page, "live");
  await untilEqual(() => rowPids(page), pidsOf(first, second));
  await rowOf(page, first).locator("th").hover();
  await second.askTime(4);
  await untilOrder(page, second, first);
  expect(await rowPids(page)).toEqual(pidsOf(first, second));
  await pointAway(page);
  await untilEqual(() => rowPids(page), pidsOf(second, first));
});

test("a live child that no longer matches the filter is not shown as ended", async () => {
  const server = await sharedServer();
  await using first = await connectServed(server);
  await using second = await connectServed(server);
  await using tab = await browser.open(`${server.url}?filter=serving`);
  const { page } = tab;
  await untilState(page, "live");
  await untilOrder(page, first, second);
  await rowOf(page, second).locator("th").hover();
  await first.freeze();
  await untilOrder(page, second);
  expect(await rowOf(page, first).getAttribute("data-state")).not.toBe("ended");
  expect(await killLink(rowOf(page, first)).isVisible()).toBe(true);
  process.kill(first.pid, "SIGCONT");
  await untilOrder(page, first, second);
  await pointAway(page);
  await untilEqual(() => rowPids(page), pidsOf(first, second));
  expect(await rowOf(page, first).getAttribute("data-state")).toBe("serving");
});

test("selected text stays selected", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  const selected = () => page.evaluate(() => String(getSelection()));
  const lists = [
    rowOf(page, served).locator(".client"),
    page.locator("#log li").first(),
    page.locator("#tree code").first(),
  ];
  for (const [index, list] of lists.entries()) {
    await list.selectText();
    const text = await selected();
    expect(text.length).toBeGreaterThan(3);
    await served.askTime();
    await untilEqual(() => cell(page, served, "Out"), `${(index + 1) * 19} B`);
    expect(await selected()).toBe(text);
  }

  await page.locator('#master [data-name="master"] dd').selectText();
  const uptime = page.locator('#master [data-name="uptime"] dd');
  const before = await uptime.innerText();
  await uptime.filter({ hasNotText: before }).waitFor();
  expect(await selected()).toBe(`PID ${server.pid}`);
});
