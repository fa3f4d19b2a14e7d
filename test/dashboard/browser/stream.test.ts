/** Whether the page is up to date, and what happens when it is not. */
import { expect, test } from "bun:test";
import { useBrowser } from "../../harness/browser.ts";
import { type Server, startServer } from "../../harness/server.ts";
import { until, untilEqual } from "../../harness/until.ts";
import { type ServedClient, connectServed } from "../../harness/served-client.ts";
import { request } from "../request.ts";
import {
  dialog,
  killLink,
  outcome,
  rowOf,
  rowPids,
  SERVER_AWAY,
  treeLines,
  untilState,
  untilTreeEnds,
} from "./dashboard.ts";
import { layLine } from "./line.ts";

const browser = useBrowser();

/** Starts a server on the addresses of one that has ended. */
async function startAgain({ port, url }: Server): Promise<Server> {
  return startServer({ port, dashboard: new URL(url).host });
}

function pidsOf(...servedClients: ServedClient[]): number[] {
  return servedClients.map(({ pid }) => pid);
}

test("the page becomes live, and shows children coming and going without a reload", async () => {
  await using server = await startServer();
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  let loads = 0;
  page.on("load", () => (loads += 1));
  await untilTreeEnds(page, "server");
  expect(await page.locator("#empty").innerText()).toStartWith("No clients.");

  await using first = await connectServed(server);
  await using second = await connectServed(server);
  await using third = await connectServed(server);
  await untilTreeEnds(page, "server---3*[server]");
  await untilEqual(() => rowPids(page), pidsOf(first, second, third));
  expect(await page.locator("#empty").innerText()).toBe("");
  const live = page.locator('#master [data-name="live"] dd');
  await untilEqual(() => live.innerText(), "3");

  await first.askTime();
  const row = rowOf(page, first);
  await untilEqual(() => row.locator('[data-label="Out"]').innerText(), "19 B");
  expect(await row.locator('[data-label="In"]').innerText()).toBe("4 B");
  expect(await row.locator('[data-label="Last command"]').innerText()).toBe("time");
  expect(await row.locator('[data-label="Client"]').innerText()).toBe(first.address);

  for (const served of [first, second, third]) await served.quit();
  await untilTreeEnds(page, "server");
  await untilEqual(() => rowPids(page), []);
  await untilEqual(() => live.innerText(), "0");
  expect(await page.locator("#empty").innerText()).toStartWith("No clients.");
  expect(loads).toBe(0);
});

test("the page becomes live however late any of its files loads", async () => {
  await using server = await startServer();
  await using served = await connectServed(server);
  const { text } = await request(server, "/");
  const files = text.match(/\/assets\/[\w-]+\.(?:js|css)/g) ?? [];
  expect(files).toContain("/assets/page.js");
  for (const late of files) {
    await using tab = await browser.open("about:blank");
    const { page } = tab;
    const others = files.filter((file) => file !== late);
    const arrived = others.map((file) => page.waitForResponse(`**${file}`));
    await page.route(`**${late}`, async (route) => {
      await Promise.all(arrived);
      // Everything that the page does without this file comes first.
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
      await route.continue();
    });
    await page.goto(server.url);
    await untilState(page, "live");
    await untilEqual(() => rowPids(page), pidsOf(served));
  }
});

test("nothing changes on a paused page, and a resumed one is current", async () => {
  await using server = await startServer();
  await using first = await connectServed(server);
  await using tab = await browser.open(server.url);
  await using witness = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  await page.getByRole("link", { name: "Pause" }).click();
  await untilState(page, "paused");
  expect(page.url()).toBe(`${server.url}?paused=1`);
  const shown = await page.locator("body").innerHTML();

  await using second = await connectServed(server);
  await first.askTime();
  await untilState(witness.page, "live");
  await untilEqual(() => rowPids(witness.page), pidsOf(first, second));
  const out = rowOf(witness.page, first).locator('[data-label="Out"]');
  await untilEqual(() => out.innerText(), "19 B");
  expect(await page.locator("body").innerHTML()).toBe(shown);

  await page.reload();
  await untilState(page, "paused");
  await untilEqual(() => rowPids(page), pidsOf(first, second));
  await using third = await connectServed(server);
  await untilEqual(() => rowPids(witness.page), pidsOf(first, second, third));
  expect(await rowPids(page)).toEqual(pidsOf(first, second));

  await page.getByRole("link", { name: "Resume" }).click();
  await untilState(page, "live");
  expect(page.url()).toBe(server.url);
  await untilEqual(() => rowPids(page), pidsOf(first, second, third));
  await second.quit();
  await untilEqual(() => rowPids(page), pidsOf(first, third));
});

test("after a break everything is current: the rows, the tree, and each log entry once", async () => {
  await using server = await startServer();
  await using first = await connectServed(server);
  await using second = await connectServed(server);
  await using line = await layLine(server);
  await using tab = await browser.open(line.url, { expected: SERVER_AWAY });
  const { page } = tab;
  const entries = page.locator("#log li");
  for (let breaks = 1; breaks <= 3; breaks += 1) {
    await untilState(page, "live");
    await untilEqual(() => rowPids(page), pidsOf(first, second));
    line.cut();
    await untilState(page, "reconnecting");
    await using third = await connectServed(server);
    await untilState(page, "live");
    await untilEqual(() => rowPids(page), pidsOf(first, second, third));
    await untilTreeEnds(page, "server---3*[server]");
    line.cut();
    await third.quit();
    await until(() => server.events("ended").length === breaks, "the third has ended");
    await untilEqual(() => rowPids(page), pidsOf(first, second));
    await untilTreeEnds(page, "server---2*[server]");
    await untilEqual(() => entries.count(), server.log.length);
    const numbers = await entries.evaluateAll((all) => all.map(({ dataset }) => dataset.seq));
    expect(numbers).toEqual(server.log.map((_, index) => String(index + 1)));
  }
});

test("a server that is silent for too long is reported as lost, too", async () => {
  await using server = await startServer();
  await using tab = await browser.open(server.url, { expected: SERVER_AWAY });
  const { page } = tab;
  await untilState(page, "live");
  server.signal("SIGSTOP");
  await untilState(page, "reconnecting");
  server.signal("SIGCONT");
  await untilState(page, "live");
});

test("a killed server is reported as lost, and the next one on its address is found", async () => {
  const before = await startServer();
  await using tab = await browser.open(before.url, { expected: SERVER_AWAY });
  const { page } = tab;
  await untilState(page, "live");
  {
    await using old = await connectServed(before);
    await old.client.send("frobnicate\n");
    await untilEqual(() => rowPids(page), [old.pid]);
    await until(
      async () => (await page.locator("#log").innerText()).includes("invalid command: frobnicate"),
      "the old log is shown",
    );
    before.signal("SIGKILL");
    await before.exited();
    await untilState(page, "reconnecting");
    expect(await rowPids(page)).toEqual([old.pid]);
  }
  await before.stop();

  await using server = await startAgain(before);
  await using served = await connectServed(server);
  await untilState(page, "live");
  await untilEqual(() => rowPids(page), pidsOf(served));
  await untilTreeEnds(page, "server---server");
  const master = page.locator('#master [data-name="master"] dd');
  expect(await master.innerText()).toBe(`PID ${server.pid}`);
  const entries = page.locator("#log li");
  await untilEqual(() => entries.count(), server.log.length);
  const log = await page.locator("#log").innerText();
  expect(log).not.toContain("frobnicate");
  expect(log).toContain(`master is PID ${server.pid}`);

  await served.askTime();
  await server.event("request");
  await untilEqual(() => entries.count(), server.log.length);
  const numbers = await entries.evaluateAll((all) => all.map(({ dataset }) => dataset.seq));
  expect(numbers).toEqual(server.log.map((_, index) => String(index + 1)));
  await untilState(page, "live");
});

test("a server without clients that follows one with clients shows an empty table", async () => {
  const before = await startServer();
  const old = await connectServed(before);
  await using tab = await browser.open(before.url, { expected: SERVER_AWAY });
  const { page } = tab;
  await untilState(page, "live");
  await rowOf(page, old).waitFor();
  await before.stop();
  await untilState(page, "reconnecting");
  await using _server = await startAgain(before);
  await untilState(page, "live");
  await untilEqual(() => rowPids(page), []);
});

test("a question of the previous server kills no child of the current one", async () => {
  const before = await startServer();
  const old = await connectServed(before);
  await using tab = await browser.open(before.url, {
    expected: new RegExp(`${SERVER_AWAY.source}|status of 404`),
  });
  const { page } = tab;
  await untilState(page, "live");
  await killLink(rowOf(page, old)).click();
  await dialog(page).waitFor();
  await before.stop();
  await untilState(page, "reconnecting");

  await using server = await startAgain(before);
  await using served = await connectServed(server);
  await untilState(page, "live");
  await rowOf(page, served).waitFor();
  expect(await dialog(page).innerText()).toContain(`PID ${old.pid}?`);
  await dialog(page).getByRole("button", { name: "Send TERM" }).click();
  await outcome(page, /^no such child: nothing was sent$/);
  expect(server.events("signal sent")).toEqual([]);
  await served.askTime();
  await untilState(page, "live");
});

test("a row of the previous server cannot be killed while it is still shown", async () => {
  const before = await startServer();
  const old = await connectServed(before);
  await using tab = await browser.open(before.url, { expected: SERVER_AWAY });
  const { page } = tab;
  await untilState(page, "live");
  await rowOf(page, old).hover();
  await before.stop();
  await using server = await startAgain(before);
  await using served = await connectServed(server);
  await rowOf(page, served).waitFor();
  const row = rowOf(page, old);
  expect(await row.getAttribute("data-state")).toBe("ended");
  expect(await killLink(row).isVisible()).toBe(false);
});

test("a page waits for a stream if too many are open", async () => {
  await using server = await startServer();
  const busy = /status of 503|^htmx: /;
  const streams = Array.from({ length: 100 }, () => fetch(new URL("events", server.url)));
  const open = await Promise.all(streams);
  await using tab = await browser.open(server.url, { expected: busy });
  const { page } = tab;
  await until(
    async () => (await page.locator("#live").getAttribute("data-state")) !== "live",
    "it is not live",
  );
  for (const { body } of open) await body?.cancel();
  await untilState(page, "live");
  await using served = await connectServed(server);
  await untilEqual(() => rowPids(page), pidsOf(served));
});

test("hostile text from a client is text on the live page", async () => {
  await using server = await startServer();
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  await using served = await connectServed(server);
  const text = `<img src=x onerror=alert(1)><script>alert(1)</script>`;
  page.on("dialog", () => {
    throw new Error("a script of the client's ran");
  });
  await served.client.send(`${text}\n`);
  const command = rowOf(page, served).locator(".command");
  await untilEqual(() => command.innerText(), text);
  await untilEqual(() => command.getAttribute("title"), text);
  await until(
    async () => (await page.locator("#log").innerText()).includes(`invalid command: ${text}`),
    "it is in the log",
  );
  expect(await page.locator("#rows img, #log img, #rows script, #log script").count()).toBe(0);
  expect(await treeLines(page)).toHaveLength(1);
});
