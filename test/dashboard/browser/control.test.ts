/**
 * Pausing, resuming and draining the server from the page, with the mouse, the
 * keyboard, and without a script; and what the page shows of limits, of refused
 * clients, and of a server that drains.
 */
import { expect, test } from "bun:test";
import { useBrowser } from "../../harness/browser.ts";
import { connect } from "../../harness/connect.ts";
import { startServer } from "../../harness/server.ts";
import { until, untilEqual } from "../../harness/until.ts";
import { connectServed, connectManyServed } from "../../harness/served-client.ts";
import { violations } from "./axe.ts";
import { dialog, outcome, rowOf, SERVER_AWAY, treeLines, untilState } from "./dashboard.ts";

const browser = useBrowser();

test("while accepting is paused, clients wait until it is resumed", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");

  await page.getByRole("button", { name: "Pause accepting" }).click();
  await outcome(page, /^Accepting is paused\. New clients wait until it is resumed\.$/);
  await page.getByText("Accepting was paused by operator at 127.0.0.1").waitFor();
  await using late = await connect(server.port);
  await late.send("time");
  await served.askTime();
  expect(server.events("accepted")).toHaveLength(1);

  // With the keyboard alone: nothing else has had the focus since, so it is
  // on the button or before it.
  const resume = page.getByRole("button", { name: "Resume accepting" });
  await resume.focus();
  await page.keyboard.press("Enter");
  await outcome(page, /^Clients are accepted again\.$/);
  await late.read(19);
  await page.locator("#notice p").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Pause accepting" }).waitFor();
});

test("a drain is confirmed first, takes the time selected, and ends the server", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(server.url, { expected: SERVER_AWAY });
  const { page } = tab;
  await untilState(page, "live");

  const open = page.getByRole("link", { name: "Drain…" });
  await open.focus();
  await page.keyboard.press("Enter");
  const question = dialog(page);
  await question.getByText("Drain this server?").waitFor();
  expect(await question.innerText()).toContain("1 child may finish");
  // Cancel has the focus: pressing Enter twice by mistake drains nothing.
  await page.keyboard.press("Enter");
  await question.waitFor({ state: "hidden" });
  expect(server.events("drain requested")).toEqual([]);

  await open.click();
  await question.getByLabel("Let clients finish for").selectOption({ label: "60 min" });
  await question.getByRole("button", { name: "Drain and stop the server" }).click();
  await outcome(page, /^Draining: no new clients are accepted/);
  await page.getByText(/^Draining: 1 child left\. The server stops in at most/).waitFor();
  expect(await page.getByRole("button", { name: "Pause accepting" }).count()).toBe(0);
  expect(await server.event("drain requested")).toMatchObject({ ms: 3_600_000 });
  await served.quit();
  expect(await server.exited()).toBe(0);
});

test("without JavaScript, each action is a form whose response is a page", async () => {
  await using server = await startServer();
  await using tab = await browser.open(server.url, { javaScript: false, expected: SERVER_AWAY });
  const { page } = tab;
  await page.getByRole("button", { name: "Pause accepting" }).click();
  await page.getByText("Accepting is paused. New clients wait").waitFor();
  await page.getByRole("link", { name: "Back to the page" }).click();
  await page.getByRole("button", { name: "Resume accepting" }).click();
  await page.getByText("Clients are accepted again.").waitFor();
  await page.getByRole("link", { name: "Back to the page" }).click();
  await page.getByRole("link", { name: "Drain…" }).click();
  await page.getByText("There are no live children").waitFor();
  await page.getByRole("button", { name: "Drain and stop the server" }).click();
  await page.getByText("Draining: no new clients are accepted").waitFor();
  expect(await server.exited()).toBe(0);
});

test("for viewers with read-only access the page is live and complete, without any actions", async () => {
  await using server = await startServer({}, { env: { BROOD_DASHBOARD_READONLY: "true" } });
  await using served = await connectServed(server);
  await using tab = await browser.open(`${server.url}?compact=0`);
  const { page } = tab;
  await untilState(page, "live");
  await using other = await connectServed(server);
  await rowOf(page, other).waitFor();
  await untilEqual(async () => (await treeLines(page)).length, 2);
  await served.quit();
  await rowOf(page, served).waitFor({ state: "detached" });
  await page.locator(`#log li[data-seq="${server.log.length}"]`).waitFor();

  const acting = page.locator(
    "a[href*='/kill'], [data-signal], #dialog, .actions, form[method=post]",
  );
  expect(await acting.count()).toBe(0);
  expect(await page.getByRole("button", { name: /accepting/ }).count()).toBe(0);
  expect(await page.getByRole("link", { name: /Kill|Drain|signals/ }).count()).toBe(0);
  expect(await violations(page)).toEqual([]);
  await page.locator("#filter").fill(String(other.pid));
  await page.waitForURL(/filter=/);
  await untilState(page, "live");
  await page.locator("#tree a[data-rows]").first().click();
  await rowOf(page, other).and(page.locator("[data-highlighted]")).waitFor();
});

test("each reason for refusing clients is counted, live, with the last client's address", async () => {
  await using server = await startServer({ maxClients: 2, deny: "127.0.0.9/32" });
  await using _ = await connectManyServed(server, 2);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  const refused = page.locator("#refused");
  expect(await refused.innerText()).toBe("No clients refused.");

  for (let i = 0; i < 3; i += 1) {
    await using client = await connect(server.port);
    await client.readToEnd();
  }
  const cells = () => refused.locator("tbody :is(th, td)").allInnerTexts();
  await until(async () => (await cells())[1] === "3", "three are shown");
  const [reason, count, last, from] = await cells();
  expect([reason, count, from]).toEqual(["too many clients", "3", "127.0.0.1"]);
  expect(last).toMatch(/^\d\d:\d\d:\d\d$/);
  expect(await refused.locator("p").innerText()).toBe("3 refused.");
});

test("all current limits are shown, and stay open when they change", async () => {
  await using server = await startServer({ rate: "100/m", firstByteTimeout: "30s" });
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  await page.getByText("Current limits").click();
  const limits = page.locator("#limits");
  expect(await limits.innerText()).toContain("rate\n100 per minute");
  expect(await limits.innerText()).toContain("first-byte-timeout\n30.0 s");
  await using served = await connectServed(server); // so that the page is updated
  await rowOf(page, served).waitFor();
  expect(await limits.isVisible()).toBe(true);
});

test("while the master drains, the page says how many children are left and counts down", async () => {
  await using server = await startServer({ drain: "60s" });
  await using servedClients = await connectManyServed(server, 2);
  await using tab = await browser.open(server.url, { expected: SERVER_AWAY });
  const { page } = tab;
  await untilState(page, "live");
  const notice = page.locator("#notice");
  expect(await notice.innerText()).toBe("");

  server.signal("SIGTERM");
  const DRAINING = /^Draining: 2 children left\. The server stops in at most (\d+) seconds\.$/;
  const [, first] = await until(
    async () => DRAINING.exec(await notice.innerText()),
    "the server drains",
  );
  await until(async () => {
    const [, later] = DRAINING.exec(await notice.innerText()) ?? [];
    return Number(later) < Number(first);
  }, "it counts down");
  await servedClients.all[0]?.quit();
  await until(async () => (await notice.innerText()).startsWith("Draining: 1 child left"), "one");
  await servedClients.all[1]?.askTime();
  await servedClients.all[1]?.quit();
  expect(await server.exited()).toBe(0);
});
