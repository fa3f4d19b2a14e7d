/** From a button to a signal: the question, the menu, the outcome, and all ways to cancel. */
import { expect, test } from "bun:test";
import { useBrowser } from "../../harness/browser.ts";
import { startServer } from "../../harness/server.ts";
import { shareServers } from "../../harness/shared-server.ts";
import { until, untilEqual } from "../../harness/until.ts";
import { connectServed, connectManyServed } from "../../harness/served-client.ts";
import {
  boxesOf,
  SERVER_AWAY,
  dialog,
  killLink,
  menu,
  outcome,
  pointAway,
  rowOf,
  rowPids,
  signalsLink,
  untilState,
} from "./dashboard.ts";

const browser = useBrowser();
const sharedServer = shareServers();

const GONE = /status of 410/;

test("a child killed from the page takes only its own client with it", async () => {
  const server = await sharedServer();
  await using servedClients = await connectManyServed(server, 4);
  await using victim = await connectServed(server);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");

  await killLink(rowOf(page, victim)).click();
  const question = dialog(page);
  await question.waitFor();
  expect(await question.innerText()).toContain(`Send TERM to PID ${victim.pid}?`);
  expect(await question.innerText()).toContain(`Client ${victim.address}`);
  expect(server.events("signal sent")).toEqual([]);
  await question.getByRole("button", { name: `Send TERM to PID ${victim.pid}` }).click();

  await outcome(
    page,
    new RegExp(`^PID ${victim.pid}: TERM sent, gone after \\d+(?: ms|\\.\\d s)$`),
  );
  expect(await question.isVisible()).toBe(false);
  expect(await victim.client.readToEnd()).toEqual({ text: "", end: "clean" });
  expect(tab.changes).toEqual([`POST /children/${victim.id}/kill`]);
  expect(await server.event("ended")).toMatchObject({ id: victim.id, signal: "SIGTERM" });
  await pointAway(page);
  await untilEqual(
    () => rowPids(page),
    servedClients.all.map(({ pid }) => pid),
  );
  for (const served of servedClients.all) await served.askTime();
});

test("the tree has the same button for a child on a line of its own", async () => {
  const server = await sharedServer();
  await using victim = await connectServed(server);
  await using other = await connectServed(server);
  await using tab = await browser.open(`${server.url}?compact=0`);
  const { page } = tab;
  await untilState(page, "live");
  const line = page.locator("#tree .line", { has: page.locator(`[data-rows="${victim.id}"]`) });
  await killLink(line).click();
  await dialog(page)
    .getByRole("button", { name: `PID ${victim.pid}` })
    .click();
  await outcome(page, new RegExp(`^PID ${victim.pid}: TERM sent, gone`));
  await other.askTime();
});

test("the menu sends the other signals: STOP stops a child, CONT continues it", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  const row = rowOf(page, served);
  const state = () => row.locator(".state").innerText();

  const choose = async (signal: string) => {
    await signalsLink(row).click();
    await menu(page).waitFor();
    expect(await menu(page).innerText()).toContain(`PID ${served.pid}, client ${served.address}`);
    const items = await menu(page).getByRole("menuitem").allInnerTexts();
    expect(items.slice(0, 5)).toEqual(["INT", "HUP", "KILL", "STOP", "CONT"]);
    await menu(page).getByRole("menuitem", { name: signal }).click();
    await dialog(page).waitFor();
    expect(await menu(page).isVisible()).toBe(false);
    await dialog(page)
      .getByRole("button", { name: `Send ${signal} to` })
      .click();
  };

  await choose("STOP");
  await outcome(page, new RegExp(`^PID ${served.pid}: STOP sent, stopped$`));
  await untilEqual(state, "stopped");
  await choose("CONT");
  await outcome(page, new RegExp(`^PID ${served.pid}: CONT sent, running$`));
  await untilEqual(state, "serving");
  await served.askTime();
  await choose("KILL");
  await outcome(
    page,
    new RegExp(`^PID ${served.pid}: KILL sent, gone after \\d+(?: ms|\\.\\d s)$`),
  );
  expect(await server.event("ended")).toMatchObject({ signal: "SIGKILL" });
});

test("KILL follows if TERM does not help, unless deselected", async () => {
  await using server = await startServer();
  await using servedClients = await connectManyServed(server, 2);
  const [patient, hurried] = servedClients.all;
  if (patient === undefined || hurried === undefined) throw new Error("two clients");
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  for (const served of [patient, hurried]) await served.freeze();

  await killLink(rowOf(page, patient)).click();
  await dialog(page).getByLabel("then KILL").uncheck();
  await dialog(page).getByRole("button", { name: "Send TERM" }).click();
  await outcome(
    page,
    new RegExp(`^PID ${patient.pid}: TERM sent, still there after [1-9]\\d*\\.\\d s; it is`),
  );
  expect(server.events("ended")).toBeEmpty();

  await killLink(rowOf(page, hurried)).click();
  await dialog(page).getByRole("button", { name: "Send TERM" }).click();
  await outcome(
    page,
    new RegExp(`^PID ${hurried.pid}: TERM sent, then KILL, gone after [\\d.]+ s$`),
  );
  await untilEqual(
    () =>
      server.events("signal outcome").map(({ pid, by, sent, outcome }) => [pid, by, sent, outcome]),
    [
      [patient.pid, "operator at 127.0.0.1", ["TERM"], "still there"],
      [hurried.pid, "operator at 127.0.0.1", ["TERM", "KILL"], "gone"],
    ] as never,
  );
});

test("Escape, Cancel and a click outside close the question and the menu, and send nothing", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  const row = rowOf(page, served);
  const ask = async () => {
    await killLink(row).click();
    await dialog(page).waitFor();
  };
  const openMenu = async () => {
    await signalsLink(row).click();
    await menu(page).waitFor();
  };

  await ask();
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "hidden" });
  await ask();
  await dialog(page).getByText("Cancel").click();
  await dialog(page).waitFor({ state: "hidden" });
  await ask();
  await page.keyboard.press("Enter"); // Cancel has the focus
  await dialog(page).waitFor({ state: "hidden" });

  await openMenu();
  await page.keyboard.press("Escape");
  await menu(page).waitFor({ state: "hidden" });
  await openMenu();
  await page.mouse.click(3, 3);
  await menu(page).waitFor({ state: "hidden" });
  await openMenu();
  await menu(page).getByText("KILL").click();
  await dialog(page).waitFor();
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "hidden" });

  expect(tab.changes).toEqual([]);
  expect(server.events("signal sent")).toEqual([]);
  expect(page.url()).toBe(server.url);
  await served.askTime();
});

test("the keyboard is enough: Tab, Enter and Escape", async () => {
  const server = await sharedServer();
  await using first = await connectServed(server);
  await using second = await connectServed(server);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute("aria-label") ?? element?.textContent?.trim() ?? "";
    });
  const tabTo = async (name: string) => {
    const seen: string[] = [];
    while ((await focused()) !== name) {
      await page.keyboard.press("Tab");
      seen.push(await focused());
      if (seen.length > 60) throw new Error(`no ${name} among ${seen.join(", ")}`);
    }
  };

  const kill = `Kill PID ${first.pid}, client ${first.address}`;
  await tabTo(kill);
  await page.keyboard.press("Enter");
  await dialog(page).waitFor();
  await untilEqual(focused, "Cancel");
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "hidden" });
  expect(await focused()).toBe(kill);

  await page.keyboard.press("Enter");
  await dialog(page).waitFor();
  await tabTo(`Send TERM to PID ${first.pid}`);
  await page.keyboard.press("Enter");
  await outcome(page, new RegExp(`^PID ${first.pid}: TERM sent, gone`));

  const signals = `Other signals for PID ${second.pid}, client ${second.address}`;
  await tabTo(signals);
  await page.keyboard.press("Enter");
  await menu(page).waitFor();
  await untilEqual(focused, "INT");
  await page.keyboard.press("Escape");
  await menu(page).waitFor({ state: "hidden" });
  expect(await focused()).toBe(signals);
  await page.keyboard.press("Enter");
  await menu(page).waitFor();
  await tabTo("KILL");
  await page.keyboard.press("Enter");
  await dialog(page).waitFor();
  await tabTo(`Send KILL to PID ${second.pid}`);
  await page.keyboard.press("Enter");
  await outcome(page, new RegExp(`^PID ${second.pid}: KILL sent, gone`));
  expect(tab.changes).toHaveLength(2);
});

test("showing the outcome moves nothing on the page", async () => {
  const server = await sharedServer();
  await using servedClients = await connectManyServed(server, 3);
  for (const width of [1440, 768, 390]) {
    await using tab = await browser.open(server.url, { width });
    const { page } = tab;
    await untilState(page, "live");
    const elements = page.locator("header, #tree, thead, #rows > tr, #rows .kill, #log-title");
    const before = await boxesOf(elements);
    const served = servedClients.all[0];
    if (served === undefined) throw new Error("no client");
    await signalsLink(rowOf(page, served)).click();
    await menu(page).getByText("CONT").click();
    await dialog(page).getByRole("button", { name: "Send CONT" }).click();
    await outcome(page, /CONT sent, running/);
    expect([width, await boxesOf(elements)]).toEqual([width, before]);
  }
});

test("when a child ends while its question is open, no other child is killed instead", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  await using other = await connectServed(server);
  await using tab = await browser.open(server.url, { expected: GONE });
  const { page } = tab;
  await untilState(page, "live");
  await killLink(rowOf(page, served)).click();
  await dialog(page).waitFor();
  await served.quit();
  await rowOf(page, served).and(page.locator('[data-state="ended"]')).waitFor();
  expect(await dialog(page).innerText()).toContain(`PID ${served.pid}?`);
  await dialog(page).getByRole("button", { name: "Send TERM" }).click();
  await outcome(page, /^this child has already ended: nothing was sent$/);
  expect(server.events("signal sent")).toEqual([]);
  await other.askTime();
});

test("a question about a child that has ended says so", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(`${server.url}?paused=1`, { expected: GONE });
  const { page } = tab;
  await served.quit();
  await server.event("ended");
  await killLink(rowOf(page, served)).click(); // the page is paused, so the child is still shown
  await outcome(page, /^this child has already ended$/);
  expect(await dialog(page).isVisible()).toBe(false);
});

test("an unresponsive server is reported, and that the outcome is unknown", async () => {
  const server = await startServer();
  const served = await connectServed(server);
  await using tab = await browser.open(server.url, { expected: SERVER_AWAY });
  const { page } = tab;
  await untilState(page, "live");
  await killLink(rowOf(page, served)).click();
  await dialog(page).waitFor();
  await server.stop();
  await dialog(page).getByRole("button", { name: "Send TERM" }).click();
  await outcome(page, /did not respond: the signal may or may not have been sent/);
  await killLink(rowOf(page, served)).click();
  await outcome(page, /is not responding: nothing was sent/);
});

test("open menus and questions survive updates", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  const row = rowOf(page, served);
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim());
  const out = () => row.locator('[data-label="Out"]').innerText();

  await signalsLink(row).click();
  await menu(page).waitFor();
  await served.askTime();
  await untilEqual(out, "19 B");
  expect(await menu(page).isVisible()).toBe(true);
  expect(await focused()).toBe("INT");

  await menu(page).getByText("HUP").click();
  await dialog(page).waitFor();
  await dialog(page).getByRole("button").focus();
  await served.askTime();
  await untilEqual(out, "38 B");
  expect(await dialog(page).isVisible()).toBe(true);
  expect(await focused()).toBe(`Send HUP to PID ${served.pid}`);
  await until(
    async () => (await page.locator("#log").innerText()).includes("time"),
    "the log, too",
  );
});

test("a question opened in a tab of its own is answered there", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(`${server.url}children/${served.id}/kill`);
  const { page } = tab;
  await page.getByRole("link", { name: "INT" }).click();
  await page.getByRole("button", { name: `Send INT to PID ${served.pid}` }).click();
  await page.getByText(new RegExp(`^PID ${served.pid}: INT sent, gone after`)).waitFor();
  await page.getByText("Back to the page").click();
  await untilState(page, "live");
  expect(await rowPids(page)).toEqual([]);
});
