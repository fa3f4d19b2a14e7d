/** The page for screen readers, keyboards, dark mode and phones. */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { useBrowser } from "../../harness/browser.ts";
import { connect } from "../../harness/connect.ts";
import { startServer } from "../../harness/server.ts";
import { connectServed, connectManyServed } from "../../harness/served-client.ts";
import { flaws, overflow, type State, violations } from "./axe.ts";
import {
  dialog,
  killLink,
  menu,
  outcome,
  rowOf,
  SERVER_AWAY,
  signalsLink,
  type Subject,
  untilState,
} from "./dashboard.ts";

const browser = useBrowser();

/**
 * Fails if axe finds something wrong, or the page is wider than its window,
 * whether it is narrow or wide.
 */
type Check = (name: string, state?: State) => Promise<void>;

/** Where the viewer starts; each check leaves the page at the other width. */
const NARROW = { width: 390, dark: true };

test("axe finds nothing wrong in any state, wide or narrow, in both themes", async () => {
  await using server = await startServer();
  await using tab = await browser.open(server.url, NARROW);
  const { page } = tab;
  const check: Check = async (name, state) =>
    expect([name, await flaws(page, state)]).toEqual([name, []]);
  await untilState(page, "live");
  await check("empty");

  await using served = await connectServed(server);
  await using other = await connectServed(server);
  await using third = await connectServed(server);
  await other.freeze();
  await rowOf(page, other).and(page.locator('[data-state="stopped"]')).waitFor();
  await check("with three children, one of them stopped");
  await checkTree(page, check);
  await checkMenus(page, served, check);
  await checkKillMany(page, check);
  await other.freeze();

  await killLink(rowOf(page, served)).click();
  await check("with a question open", { overlay: "#dialog" });
  await dialog(page).getByRole("button", { name: "Send TERM" }).click();
  await outcome(page, /gone after/);
  await killLink(rowOf(page, other)).focus(); // locks the table while the rows move below the pointer
  await rowOf(page, other).hover();
  await third.quit();
  await check("with an outcome, and an ended child in a locked table", {
    async arrange() {
      await rowOf(page, other).hover();
      await rowOf(page, third).and(page.locator('[data-state="ended"]')).waitFor();
    },
  });

  await page.getByRole("link", { name: "Pause" }).click();
  await untilState(page, "paused");
  await page.locator("#filter").fill("xyzzy");
  await page.locator("#empty").filter({ hasText: "None" }).waitFor();
  await check("paused, with a filter that matches none");
  await checkStandalonePages(page, server.url, other.id, check);
});

test("axe finds nothing wrong while clients are refused and the server drains, wide or narrow, in both themes", async () => {
  await using server = await startServer({ maxClients: 1, drain: "60s" });
  await using served = await connectServed(server);
  await using refused = await connect(server.port);
  await refused.readToEnd();
  await using tab = await browser.open(server.url, { ...NARROW, expected: SERVER_AWAY });
  const { page } = tab;
  await untilState(page, "live");
  await page.getByText("Current limits").click();
  server.signal("SIGTERM");
  await page.locator("#notice p").waitFor();
  expect(await flaws(page)).toEqual([]);
  await served.quit();
  await server.exited();
});

test("spares have a live table of their own, legible at every width", async () => {
  await using server = await startServer({ spares: 2 });
  await using tab = await browser.open(server.url);
  const { page } = tab;
  const caption = page.locator("#spares caption");
  const pids = page.locator("#spares tbody th");
  await caption.filter({ hasText: "Spares: 2 of 2 ready" }).waitFor();
  const [first, second] = await pids.allInnerTexts();

  await using served = await connectServed(server);
  expect([first, second]).toContain(String(served.pid));
  await rowOf(page, served).waitFor();
  await page.locator(`#spare-${served.pid}`).waitFor({ state: "detached" });
  await caption.filter({ hasText: "2 of 2" }).waitFor();
  expect(await flaws(page)).toEqual([]);
});

test("the page is as legible without a connection as with one", async () => {
  const server = await startServer();
  await using _guest = await connectServed(server);
  await using tab = await browser.open(server.url, { expected: SERVER_AWAY });
  const { page } = tab;
  await untilState(page, "live");
  server.signal("SIGKILL");
  await server.exited();
  await untilState(page, "reconnecting");
  expect(await violations(page)).toEqual([]);
});

test("a text that has become illegible is found, whether its own colour has changed or one behind it", async () => {
  await using server = await startServer();
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  const check = () => violations(page, "one theme");
  const paint = (selector: string, property: "color" | "background", value: string) =>
    page.locator(selector).evaluate(
      (element, [name, colour]) => {
        element.style.setProperty(name, colour);
      },
      [property, value] as const,
    );
  expect(await check()).toEqual([]);
  await paint("#empty", "color", "#999");
  expect(await check()).toEqual(["light color-contrast: #empty"]);
  await paint("#empty", "color", "");
  expect(await check()).toEqual([]);
  await paint("section:has(#empty)", "background", "#555");
  expect(await check()).toContainEqual(expect.stringMatching(/^light color-contrast: .*#empty/));
});

test("the page never scrolls sideways, however long its lines are", async () => {
  await using server = await startServer();
  await using servedClients = await connectManyServed(server, 3);
  for (const { client } of servedClients.all) await client.send(`${"wide".repeat(30)}\n`);
  await using tab = await browser.open("about:blank");
  const { page } = tab;
  for (const query of ["", "?compact=0&pids=1", "?scope=host&charset=utf8&pids=1"]) {
    await page.goto(`${server.url}${query}`);
    await untilState(page, "live");
    for (const width of [390, 768, 1099, 1100, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      expect([query, width, await overflow(page)]).toEqual([query, width, 0]);
    }
  }
});

async function checkTree(page: Page, check: Check): Promise<void> {
  await page.locator("#tree .group-link").click();
  await page.locator("#tree .kill").nth(2).waitFor();
  await untilState(page, "live");
  await check("with an expanded group in the tree");

  await page.locator("#compact").check();
  await page.locator("#tree .group-link").waitFor({ state: "detached" });
  await untilState(page, "live");
  await check("with one child per line in the tree");
}

async function checkMenus(page: Page, served: Subject, check: Check): Promise<void> {
  await signalsLink(rowOf(page, served)).click();
  await check("with the signal menu open", { overlay: "#menu" });
  await page.keyboard.press("Escape");
  await menu(page).waitFor({ state: "hidden" });

  await page.locator("#columns summary").click();
  await check("with the menu of columns open", { overlay: "#columns[open]" });
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await check("with the help dialog open", { overlay: "#help" });
  await page.keyboard.press("Escape");
}

async function checkKillMany(page: Page, check: Check): Promise<void> {
  await page.getByRole("link", { name: "Select all 3" }).click();
  await page.getByRole("form", { name: "Selected children" }).waitFor();
  await check("with all children selected");
  await page.locator("#kill-selected").click();
  await check("with the question about the selected children open", { overlay: "#dialog" });
  await page.keyboard.press("Escape");
  await page.locator("#action-bar select").selectOption("CONT");
  await page.locator("#kill-selected").click();
  await dialog(page).getByRole("button", { name: "Send CONT" }).click();
  await outcome(page, /running/);
  await check("with the outcome of a kill job");
}

async function checkStandalonePages(
  page: Page,
  url: string,
  id: string,
  check: Check,
): Promise<void> {
  await page.goto(new URL(`/children/${id}/kill`, url).href);
  await check("the signals as a page");
  await page.goto(new URL(`/children/${id}/kill?signal=TERM`, url).href);
  await check("the question as a page");
  await page.goto(new URL("/kill?filter=", url).href);
  await check("the question about many as a page");
  await page.getByRole("button", { name: "Send TERM to" }).click();
  await page.locator("#job").waitFor();
  await check("the kill job as a page");
}
