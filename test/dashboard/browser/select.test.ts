/**
 * Killing many children, selected one by one, by filter or by source: the question and the outcome.
 */
import { expect, test } from "bun:test";
import type { Locator, Page } from "playwright-core";
import { useBrowser } from "../../harness/browser.ts";
import { startServer } from "../../harness/server.ts";
import { shareServers } from "../../harness/shared-server.ts";
import { until, untilEqual } from "../../harness/until.ts";
import {
  type ServedClient,
  connectServed,
  connectManyServed,
} from "../../harness/served-client.ts";
import {
  boxesOf,
  dialog,
  outcome,
  pointAway,
  rowOf,
  signalsLink,
  untilState,
} from "./dashboard.ts";

const browser = useBrowser();
const sharedServer = shareServers();

function boxOf(page: Page, served: Pick<ServedClient, "id">): Locator {
  return rowOf(page, served).getByRole("checkbox");
}

function bar(page: Page): Locator {
  return page.getByRole("form", { name: "Selected children" });
}

async function untilSelected(page: Page, count: string): Promise<void> {
  await untilEqual(() => page.locator("#selected").innerText(), `${count} selected`);
}

async function checked(page: Page): Promise<number> {
  return page.locator("#rows .select :checked").count();
}

test("selected with checkboxes: none of them moves, the question says how many, and exactly those are killed", async () => {
  const server = await sharedServer();
  await using servedClients = await connectManyServed(server, 5);
  const [first, second, third, fourth, fifth] = servedClients.all;
  if (!first || !second || !third || !fourth || !fifth) throw new Error("five clients");
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  expect(await bar(page).isVisible()).toBe(false);
  const views: string[] = [];
  page.on("request", (asked) => {
    if (new URL(asked.url()).pathname === "/") views.push(asked.url());
  });
  const before = await boxesOf(page.locator("#rows .select input"));
  await boxOf(page, first).check();
  await boxOf(page, third).check();
  await untilSelected(page, "2");
  expect(await boxesOf(page.locator("#rows .select input"))).toEqual(before);

  // A range with Shift; then one of them is deselected.
  await boxOf(page, fifth).click({ modifiers: ["Shift"] });
  await untilSelected(page, "4");
  await boxOf(page, fourth).uncheck();
  await untilSelected(page, "3");
  expect(tab.changes).toEqual([]);

  await bar(page).getByRole("button", { name: "Kill 3…" }).click();
  await dialog(page).getByRole("heading", { name: "Send TERM to 3 children?" }).waitFor();
  expect(server.events("kill requested")).toEqual([]);
  const text = await dialog(page).innerText();
  for (const { pid, address } of [first, third, fifth]) {
    expect(text).toContain(`PID ${pid}, client ${address}`);
  }
  await dialog(page).getByText("Cancel").click();
  await untilSelected(page, "3");
  await bar(page).getByRole("button", { name: "Kill 3…" }).click();
  await dialog(page).getByRole("button", { name: "Send TERM to 3 children" }).click();
  await outcome(page, /^TERM: 3 of 3 gone\.\s+Results$/);
  expect(await bar(page).isVisible()).toBe(false);
  for (const served of [first, third, fifth]) {
    expect(await served.client.readToEnd()).toEqual({ text: "", end: "clean" });
  }
  await second.askTime();
  await fourth.askTime();
  expect(tab.changes).toEqual(["POST /kill", "POST /kill", "POST /kills"]);
  // Checkboxes do not belong to the view.
  expect(views).toEqual([]);

  await page.getByRole("link", { name: "Results" }).click();
  await page.getByRole("heading", { name: "TERM to 3 children" }).waitFor();
  expect(await page.locator(".outcomes tbody tr").count()).toBe(3);
});

test("everything that a filter finds over several pages is killed, and other clients live on", async () => {
  await using server = await startServer({ maxPerSource: 1000 });
  await using far = await connectServed(server, { from: "127.0.0.7" });
  await using servedClients = await connectManyServed(server, 60);
  await using tab = await browser.open(`${server.url}?rows=50`);
  const { page } = tab;
  await untilState(page, "live");
  await page.locator("#filter").fill("127.0.0.1:");
  await page.getByRole("link", { name: "Select 60 matching" }).click();
  await untilSelected(page, "60");
  expect(await checked(page)).toBe(50);

  // The selection survives other pages and another filter.
  await page.getByRole("link", { name: "Next page" }).click();
  await untilEqual(() => page.locator("#pages .range").innerText(), "51–60 of 60");
  await untilEqual(() => checked(page), 10);
  await page.locator("#filter").fill("");
  await page.getByRole("link", { name: "Select all 61" }).waitFor();
  await untilEqual(() => checked(page), 49);
  expect(await boxOf(page, far).isChecked()).toBe(false);

  // One child ends before the question is asked, and one after.
  await servedClients.all[0]?.quit();
  await until(() => server.events("ended").length === 1, "one has ended");
  await bar(page).getByRole("button", { name: "Kill 60…" }).click();
  await dialog(page).getByRole("heading", { name: "Send TERM to 59 children?" }).waitFor();
  expect(await dialog(page).innerText()).toContain("1 of them has already ended.");
  await servedClients.all[1]?.quit();
  await until(() => server.events("ended").length === 2, "another has ended");
  await dialog(page).getByRole("button", { name: "Send TERM to 59 children" }).click();
  await outcome(page, /^TERM: 59 of 59 gone\./);
  await until(() => server.events("ended").length === 60, "all have ended");
  await far.askTime();
  const reasons = Map.groupBy(server.events("ended"), ({ reason }) => reason);
  expect(reasons.get("killed by operator")).toHaveLength(58);
  await server.event("kill requested");
  expect(server.events("kill requested")).toHaveLength(1);
});

test("a row's menu selects everything from its source, and the operator selects the signal", async () => {
  await using server = await startServer();
  await using here = await connectServed(server);
  await using there = await connectServed(server, { from: "127.0.0.7" });
  await using alsoThere = await connectServed(server, { from: "127.0.0.7" });
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  await signalsLink(rowOf(page, alsoThere)).click();
  await page.getByRole("menuitem", { name: "Select all from 127.0.0.7" }).click();
  await untilSelected(page, "2");
  expect(await boxOf(page, there).isChecked()).toBe(true);
  expect(await boxOf(page, here).isChecked()).toBe(false);
  await bar(page).getByLabel("Signal").selectOption("STOP");
  await bar(page).getByRole("button", { name: "Kill 2…" }).click();
  await dialog(page).getByRole("button", { name: "Send STOP to 2 children" }).click();
  await outcome(page, /^STOP: 2 of 2 stopped\./);
  await here.askTime();
  await rowOf(page, there).and(page.locator('[data-state="stopped"]')).waitFor();
});

test("a whole page is selected and deselected, and the selection survives rows that come, change and move", async () => {
  const server = await sharedServer();
  await using servedClients = await connectManyServed(server, 3);
  const [first, , third] = servedClients.all;
  if (!first || !third) throw new Error("three clients");
  await using tab = await browser.open(`${server.url}?sort=out&dir=desc`);
  const { page } = tab;
  await untilState(page, "live");
  const all = page.getByLabel("Select all on this page");
  await all.check();
  await untilSelected(page, "3");
  await bar(page).getByRole("button", { name: "Clear" }).click();
  expect(await checked(page)).toBe(0);

  await boxOf(page, third).check();
  await pointAway(page);
  await bar(page).getByRole("button", { name: "Clear" }).focus();
  await third.askTime(3);
  await using late = await connectServed(server);
  await boxOf(page, late).waitFor();
  await untilEqual(() => page.locator("#rows > tr").first().getAttribute("id"), `row-${third.id}`);
  expect(await boxOf(page, third).isChecked()).toBe(true);
  expect(await checked(page)).toBe(1);
  await page.getByRole("link", { name: "Pause" }).click();
  await untilState(page, "paused");
  expect(await checked(page)).toBe(1);
  expect(await all.evaluate((box: HTMLInputElement) => box.indeterminate)).toBe(true);

  // The selection survives a visit to a child's page.
  await rowOf(page, third).locator("th a").click();
  await page.waitForURL(`**/children/${third.id}`);
  await page.goto(server.url);
  await untilSelected(page, "1");
  expect(await boxOf(page, third).isChecked()).toBe(true);
});

test("the progress of a kill job is shown until every outcome is known", async () => {
  const server = await sharedServer();
  await using servedClients = await connectManyServed(server, 3);
  for (const served of servedClients.all) await served.freeze();
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  await page.getByRole("link", { name: "Select all 3" }).click();
  await bar(page).getByRole("button", { name: "Kill 3…" }).click();
  await dialog(page).getByRole("button", { name: "Send TERM to 3 children" }).click();
  // All three have been signalled; what is left is to wait for them.
  await outcome(page, /^TERM: 3 of 3 pending\.\s+Results$/);
  expect(await page.locator("#job progress").getAttribute("value")).toBe("0");
  await outcome(page, /^TERM: 3 of 3 gone\./);
});

test("columns, page size and refresh rate are set on the page, and are in the address", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  await page.locator("#columns summary").click();
  await page.getByLabel("Source").check();
  await rowOf(page, served).locator(".source").waitFor();
  await page.waitForURL(/cols=pid,client,source,/);
  expect(await page.locator("#columns").getAttribute("open")).not.toBeNull();
  await page.getByLabel("Memory").uncheck();
  await page.locator('th[data-column="memory"]').waitFor({ state: "detached" });
  await page.getByLabel("Rows per page").selectOption("50");
  await page.waitForURL(/rows=50/);
  await page.getByLabel("Refresh rate").selectOption("2");
  await page.waitForURL(/every=2/);
  await untilState(page, "live");
  await served.askTime();
  await untilEqual(() => rowOf(page, served).locator('[data-label="Out"]').innerText(), "19 B");
  expect(await rowOf(page, served).locator(".source").innerText()).toBe("127.0.0.1");
  await page.keyboard.press("Escape");
  expect(await page.locator("#columns").getAttribute("open")).toBeNull();
  await page.reload();
  await rowOf(page, served).locator(".source").waitFor();
  expect(await page.getByLabel("Refresh rate").inputValue()).toBe("2");
});
