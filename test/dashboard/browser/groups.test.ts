/** A group of the tree is expanded in place, and stays expanded whichever children come and go. */
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
  dialog,
  killLink,
  outcome,
  pointAway,
  treeLines,
  untilState,
  untilTreeEnds,
} from "./dashboard.ts";

const browser = useBrowser();
const sharedServer = shareServers();

/** Members shown at a time. */
const MEMBERS_PER_PAGE = 100;

function lineOf(page: Page, { id }: ServedClient): Locator {
  return page.locator("#tree .line", { has: page.locator(`[data-rows="${id}"]`) });
}

function part(page: Page, name: string): Locator {
  return page.locator("#tree .group-link", { hasText: name });
}

/** Returns what is below the master on each line. */
async function members(page: Page): Promise<string[]> {
  const lines = await treeLines(page);
  return lines.map((line) => line.replace(/^.*(?:---|-\+-|\|-|`-)/, ""));
}

/** Returns the PIDs next to the lines. */
async function pidsBeside(page: Page): Promise<number[]> {
  const texts = await page.locator("#tree .member").allInnerTexts();
  return texts.filter((text) => text !== "").map((text) => Number.parseInt(text, 10));
}

function pidsOf(...servedClients: readonly ServedClient[]): number[] {
  return servedClients.map(({ pid }) => pid).sort((a, b) => a - b);
}

test("with the mouse, a group is expanded, paged through and collapsed", async () => {
  await using server = await startServer({ maxPerSource: 1000 });
  await using servedClients = await connectManyServed(server, MEMBERS_PER_PAGE + 3);
  const pids = pidsOf(...servedClients.all);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  await untilTreeEnds(page, `server---${pids.length}*[server]`);

  await part(page, "expand").click();
  await untilEqual(() => pidsBeside(page), pids.slice(0, MEMBERS_PER_PAGE));
  expect(page.url()).toBe(`${server.url}?open=${server.pid}.server`);
  expect((await members(page)).at(-1)).toBe("3*[server]");
  expect(await page.locator("#tree .kill").count()).toBe(MEMBERS_PER_PAGE);

  await part(page, "next 3").click();
  await untilEqual(() => pidsBeside(page), pids.slice(MEMBERS_PER_PAGE));
  expect((await members(page))[0]).toBe(`${MEMBERS_PER_PAGE}*[server]`);
  await part(page, "previous 100").click();
  await untilEqual(() => pidsBeside(page), pids.slice(0, MEMBERS_PER_PAGE));

  await part(page, "collapse").click();
  await untilTreeEnds(page, `server---${pids.length}*[server]`);
  expect(page.url()).toBe(server.url);
  // A large group does not lead to its rows: a click expands it instead.
  await page.locator("#tree a.node").click();
  await untilEqual(() => pidsBeside(page), pids.slice(0, MEMBERS_PER_PAGE));
});

test("with the keyboard, a group is expanded and collapsed, and the focus stays; it stays expanded while the table is filtered and sorted", async () => {
  const server = await sharedServer();
  await using servedClients = await connectManyServed(server, 3);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  await page.locator("#tree").focus();
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  // A click on the group itself highlights its rows.
  for (const _ of ["group", "open"]) await page.keyboard.press("Tab");
  expect(await focused()).toBe("expand");
  await page.keyboard.press("Enter");
  await untilEqual(() => pidsBeside(page), pidsOf(...servedClients.all));
  await untilEqual(focused, "collapse");
  await page.keyboard.press("Enter");
  await untilTreeEnds(page, "server---3*[server]");
  await untilEqual(focused, "expand");

  await page.keyboard.press("Enter");
  await untilEqual(() => pidsBeside(page), pidsOf(...servedClients.all));
  await page.locator("#filter").fill("serving");
  await page.waitForURL(/filter=serving/);
  await page.locator("#sort-pid").click();
  await page.waitForURL(/sort=pid/);
  expect(page.url()).toContain(`open=${server.pid}.server`);
  expect(await pidsBeside(page)).toEqual(pidsOf(...servedClients.all));
});

test("a group stays expanded while its children come and go, even with the focus on its link", async () => {
  const server = await sharedServer();
  await using first = await connectServed(server);
  await using second = await connectServed(server);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  await part(page, "expand").click();
  await untilEqual(() => pidsBeside(page), pidsOf(first, second));
  await pointAway(page);
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  expect(await focused()).toBe("collapse");

  await using third = await connectServed(server);
  await using fourth = await connectServed(server);
  await untilEqual(() => pidsBeside(page), pidsOf(first, second, third, fourth));
  expect(await focused()).toBe("collapse");
  await first.quit();
  await third.quit();
  await untilEqual(() => pidsBeside(page), pidsOf(second, fourth));
  expect(await focused()).toBe("collapse");
  // A single child is no group; with the next one it is one again, and expanded.
  await second.quit();
  await untilTreeEnds(page, "server---server");
  await using fifth = await connectServed(server);
  await untilEqual(() => pidsBeside(page), pidsOf(fourth, fifth));
  await page.reload();
  await untilState(page, "live");
  expect(await pidsBeside(page)).toEqual(pidsOf(fourth, fifth));
});

test("killing a child of an expanded group removes only its line", async () => {
  const server = await sharedServer();
  await using first = await connectServed(server);
  await using victim = await connectServed(server);
  await using third = await connectServed(server);
  await using tab = await browser.open(`${server.url}?open=${server.pid}.server`);
  const { page } = tab;
  await untilState(page, "live");
  await killLink(lineOf(page, victim)).click();
  await dialog(page)
    .getByRole("button", { name: `Send TERM to PID ${victim.pid}` })
    .click();
  await outcome(
    page,
    new RegExp(`^PID ${victim.pid}: TERM sent, gone after \\d+(?: ms|\\.\\d s)$`),
  );
  expect(await victim.client.readToEnd()).toEqual({ text: "", end: "clean" });
  await pointAway(page);
  await untilEqual(() => pidsBeside(page), pidsOf(first, third));
});

test("without a script, links expand and collapse a group", async () => {
  const server = await sharedServer();
  await using servedClients = await connectManyServed(server, 3);
  await using tab = await browser.open(server.url, { javaScript: false });
  const { page } = tab;
  await part(page, "expand").click();
  await page.waitForURL(`${server.url}?open=${server.pid}.server`);
  expect(await pidsBeside(page)).toEqual(pidsOf(...servedClients.all));
  await part(page, "collapse").click();
  await page.waitForURL(server.url);
  expect((await treeLines(page))[0]).toEndWith("---server---3*[server]");
});

test("each line shows what its processes use, and a collapsed group their sum", async () => {
  const server = await sharedServer();
  await using _guests = await connectManyServed(server, 3);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  const use = page.locator("#tree .usage");
  const megabytes = async () => {
    const texts = await use.allInnerTexts();
    return texts.map((text) => Number(/memory\s+([\d.]+) MB/.exec(text)?.[1]));
  };
  await until(async () => ((await megabytes())[0] ?? 0) > 1, "the group's memory is shown");
  const [sum = 0] = await megabytes();
  await part(page, "expand").click();
  await until(async () => (await megabytes()).length === 3, "each has its own");
  const each = await megabytes();
  const total = each.reduce((a, b) => a + b, 0);
  // Each figure is rounded, and may have grown in between.
  expect(Math.abs(total - sum)).toBeLessThan(sum / 4);
  for (const one of each) expect(one).toBeGreaterThan(0);
  expect((await use.first().innerText()).replace(/\s+/g, " ")).toMatch(
    /^CPU \d+\.\d % ?memory \d+\.\d MB$/,
  );
});

test("the usage of a child's descendants is included", async () => {
  await using server = await startServer({ pty: "sh -c 'sleep 1000 & sleep 1000; wait'" });
  await using _guest = await connectServed(server);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  await until(
    async () => (await treeLines(page))[0]?.endsWith("---2*[sleep]"),
    "the descendants are in the tree",
  );
  await until(
    async () => /memory\s+[\d.]+ MB/.test(await page.locator("#tree .usage").first().innerText()),
    "the usage of the whole line has been read",
  );
});
