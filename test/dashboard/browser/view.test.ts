/** The view: a change is shown immediately, and is in the page's address. */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { useBrowser } from "../../harness/browser.ts";
import { shareServers } from "../../harness/shared-server.ts";
import { until, untilEqual } from "../../harness/until.ts";
import { type ServedClient, connectServed } from "../../harness/served-client.ts";
import { request } from "../request.ts";
import { boxesOf, rowOf, rowPids, treeLines, untilState, untilTreeEnds } from "./dashboard.ts";

const browser = useBrowser();
const sharedServer = shareServers();

function pidsOf(...servedClients: ServedClient[]): number[] {
  return servedClients.map(({ pid }) => pid);
}

async function untilRows(page: Page, ...servedClients: ServedClient[]): Promise<void> {
  await untilEqual(() => rowPids(page), pidsOf(...servedClients));
}

/** Returns the query of the page's address, as the viewer sees it. */
function queryOf(page: Page): string {
  return new URL(page.url()).search;
}

/**
 * Types character by character, fast enough that even a slow machine sends no request in between.
 */
async function typeQuickly(page: Page, text: string): Promise<void> {
  await page.evaluate((characters) => {
    for (const character of characters) document.execCommand("insertText", false, character);
  }, text);
}

/** Returns what each row shows in a column, in a comparable form. */
async function column(page: Page, label: string): Promise<(string | number)[]> {
  const texts = await page.locator(`#rows [data-label="${label}"]`).allInnerTexts();
  const UNITS: Record<string, number> = { B: 1, kB: 1e3, MB: 1e6, s: 1, min: 60, "%": 1 };
  return texts.map((text) => {
    const [, number, unit = ""] = /^([\d.]+) (\S+)$/.exec(text) ?? [];
    const factor = UNITS[unit];
    return factor === undefined
      ? /^\d+$/.test(text)
        ? Number(text)
        : text
      : Number(number) * factor;
  });
}

function isSorted(values: readonly (string | number)[], descending: boolean): boolean {
  const inOrder = descending ? [...values].reverse() : values;
  return inOrder.every((value, index) => index === 0 || (inOrder[index - 1] ?? value) <= value);
}

test("each heading sorts by its column, and reverses the order when clicked again", async () => {
  const server = await sharedServer();
  await using first = await connectServed(server);
  await using second = await connectServed(server);
  await using third = await connectServed(server);
  await third.askTime(3);
  await second.askTime(1);
  await first.client.send("frobnicate\n");
  await until(() => server.events("request").length === 5, "all requests have been logged");
  await second.freeze(); // not earlier: a child reports a request after it has replied
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  expect(await page.locator("th[aria-sort]").allInnerTexts()).toEqual(["Since"]);

  const columns = [
    { key: "pid", label: "PID", descendingFirst: false },
    { key: "client", label: "Client", descendingFirst: false },
    { key: "idle", label: "Idle", descendingFirst: false },
    { key: "cpu", label: "CPU", descendingFirst: true },
    { key: "memory", label: "Memory", descendingFirst: true },
    { key: "in", label: "In", descendingFirst: true },
    { key: "out", label: "Out", descendingFirst: true },
    { key: "command", label: "Last command", descendingFirst: false },
    { key: "state", label: "State", descendingFirst: false },
    { key: "since", label: "Since", descendingFirst: false },
  ];
  for (const { key, label, descendingFirst } of columns) {
    for (const descending of [descendingFirst, !descendingFirst]) {
      await page.locator("thead").getByRole("link", { name: label, exact: true }).click();
      const order = descending ? "descending" : "ascending";
      const heading = page.locator(`th[data-column="${key}"][aria-sort="${order}"]`);
      await heading.waitFor();
      expect(await page.locator("th[aria-sort]").count()).toBe(1);
      const sort = key === "since" ? [] : [`sort=${key}`];
      const query = [...sort, ...(descending ? ["dir=desc"] : [])].join("&");
      expect(queryOf(page)).toBe(query === "" ? "" : `?${query}`);
      await untilState(page, "live");
      await until(
        async () => isSorted(await column(page, label), descending),
        () => `the rows are sorted by ${label}, ${order}`,
      );
      expect(await rowPids(page)).toHaveLength(3);
    }
  }

  await page.getByRole("link", { name: "Out", exact: true }).click();
  await untilRows(page, third, second, first);
  await page.getByRole("link", { name: "State", exact: true }).click();
  await untilEqual(() => column(page, "State"), ["serving", "serving", "stopped"]);
  await page.getByRole("link", { name: "Last command", exact: true }).click();
  await untilEqual(() => column(page, "Last command"), ["frobnicate", "time", "time"]);
  process.kill(second.pid, "SIGCONT");
});

test("the order follows live changes", async () => {
  const server = await sharedServer();
  await using first = await connectServed(server);
  await using second = await connectServed(server);
  await using tab = await browser.open(`${server.url}?sort=out&dir=desc`);
  const { page } = tab;
  await untilState(page, "live");
  await first.askTime();
  await untilRows(page, first, second);
  await second.askTime(2);
  await untilRows(page, second, first);
  await first.askTime(2);
  await untilRows(page, first, second);
});

test("the filter narrows the rows while typing, and they stay live", async () => {
  const server = await sharedServer();
  await using first = await connectServed(server);
  await using second = await connectServed(server);
  await second.client.send("frobnicate 1\n");
  await server.event("request");
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  const filter = page.getByRole("searchbox", { name: "Filter" });
  await filter.click();
  await page.keyboard.type("FROB");
  await untilRows(page, second);
  expect(queryOf(page)).toBe("?filter=FROB");
  await untilState(page, "live");

  await using third = await connectServed(server);
  await third.client.send("frobnicate 2\n");
  await untilRows(page, second, third);
  await first.askTime();
  await third.client.send("time\n");
  await untilRows(page, second);
  expect(await filter.inputValue()).toBe("FROB");

  await page.keyboard.press("Enter");
  await page.keyboard.type("?");
  await untilRows(page);
  expect(await page.locator("#empty").innerText()).toBe("None of the 3 children matches “FROB?”.");
  await filter.fill("");
  await untilRows(page, first, second, third);
  expect(queryOf(page)).toBe("");
  expect(await page.locator("#empty").innerText()).toBe("");
});

test("typed text is never undone, however slow the responses are", async () => {
  const server = await sharedServer();
  await using _first = await connectServed(server);
  await using second = await connectServed(server);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  const filter = page.locator("#filter");
  const answers: (() => void)[] = [];
  await page.route("**/?*filter=*", async (route) => {
    await new Promise<void>((resolve) => answers.push(resolve));
    await route.continue().catch(() => {}); // cancelled in favour of a newer one
  });
  await page.evaluate(() => {
    document.addEventListener("htmx:config:request", ({ target }) => {
      const { dataset } = document.body;
      if (target instanceof HTMLFormElement) dataset.wishes = `${Number(dataset.wishes ?? 0) + 1}`;
    });
  });
  const wishes = () => page.locator("body").getAttribute("data-wishes");

  await filter.click();
  const wanted = `${second.pid} ${second.address}`;
  for (const [index, part] of [wanted.slice(0, 1), wanted.slice(1, 3), wanted.slice(3)].entries()) {
    await typeQuickly(page, part);
    await untilEqual(wishes, `${index + 1}`);
  }
  await until(() => {
    for (const answer of answers.splice(0)) answer();
    return queryOf(page) === `?${new URLSearchParams({ filter: wanted })}`;
  }, "the result for the whole text is shown");
  expect(await filter.inputValue()).toBe(wanted);
  expect(await filter.evaluate((input) => document.activeElement === input)).toBe(true);
  await untilRows(page, second);
});

test("focus, text, a trailing space and the caret in the filter survive all updates", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  const filter = page.locator("#filter");
  await filter.click();
  await page.keyboard.type("127");
  await untilEqual(() => queryOf(page), "?filter=127");
  await filter.selectText();
  const selected = () =>
    filter.evaluate((input: HTMLInputElement) =>
      input.value.slice(input.selectionStart ?? 0, input.selectionEnd ?? 0),
    );
  await served.askTime();
  await untilEqual(() => rowOf(page, served).locator('[data-label="Out"]').innerText(), "19 B");
  await using second = await connectServed(server);
  await untilRows(page, served, second);
  expect(await filter.inputValue()).toBe("127");
  expect(await selected()).toBe("127");
  expect(await filter.evaluate((input) => document.activeElement === input)).toBe(true);

  await served.client.send("one two three\n");
  await until(() => server.events("request").length === 2, "both requests have been logged");
  await page.keyboard.type("one "); // in place of the selected text
  await untilEqual(() => queryOf(page), "?filter=one");
  expect(await filter.inputValue()).toBe("one ");
  await page.keyboard.type("three");
  await untilEqual(() => queryOf(page), "?filter=one+three");
  for (let i = 0; i < "three".length; i += 1) await page.keyboard.press("ArrowLeft");
  await page.keyboard.type("two ");
  await untilEqual(() => queryOf(page), "?filter=one+two+three");
  await untilRows(page, served);
  expect(await filter.inputValue()).toBe("one two three");
  const caret = () => filter.evaluate((input: HTMLInputElement) => input.selectionStart);
  expect(await caret()).toBe("one two ".length);
});

test("the tree's options change it, are in the address, and survive a reload", async () => {
  const server = await sharedServer();
  await using _first = await connectServed(server);
  await using second = await connectServed(server);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  await untilTreeEnds(page, "server---2*[server]");

  const shown = async (query: string) => {
    await untilEqual(() => queryOf(page), query);
    await untilState(page, "live");
    if (query.includes("scope=host")) return;
    const { text } = await request(server, `/pstree${query}`);
    await untilEqual(async () => `${(await treeLines(page)).join("\n")}\n`, text);
  };
  await page.getByRole("combobox", { name: "Line style" }).selectOption("Unicode");
  await shown("?charset=utf8");
  await page.getByRole("checkbox", { name: "one per line" }).check();
  await shown("?charset=utf8&compact=0");
  await page.getByRole("checkbox", { name: "PIDs" }).check();
  await shown("?charset=utf8&compact=0&pids=1");
  await page.getByRole("combobox", { name: "Processes" }).selectOption("whole host");
  await shown("?scope=host&charset=utf8&compact=0&pids=1");
  const hasOurs = async () =>
    (await treeLines(page)).some((line) => line.includes(`server(${second.pid})`));
  await until(hasOurs, "the host's tree has our child");
  expect((await treeLines(page))[0]).toMatch(/^\S+\(1\)/);

  await page.locator("#filter").fill(String(second.pid));
  await untilRows(page, second);
  await page.getByRole("link", { name: "Memory" }).click();
  const all = `?sort=memory&dir=desc&filter=${second.pid}&scope=host&charset=utf8&compact=0&pids=1`;
  await shown(all);

  await page.reload();
  await untilState(page, "live");
  await shown(all);
  await until(hasOurs, "it is still the host's tree");
  await untilRows(page, second);
  expect(await page.locator("#filter").inputValue()).toBe(String(second.pid));
  expect(await page.locator("#scope").inputValue()).toBe("host");
  expect(await page.locator("#charset").inputValue()).toBe("utf8");
  expect(await page.locator("#compact").isChecked()).toBe(true);
  expect(await page.locator("#pids").isChecked()).toBe(true);

  await page.locator("#filter").fill("");
  await page.locator("#scope").selectOption("server");
  await page.locator("#charset").selectOption("ascii");
  await page.locator("#compact").uncheck();
  await page.locator("#pids").uncheck();
  await shown("?sort=memory&dir=desc");
  await page.getByRole("link", { name: "Since" }).click();
  await shown("");
  await untilTreeEnds(page, "server---2*[server]");
});

test("on narrow screens, without headings, the order is selected from a list, which shows the same choice", async () => {
  const server = await sharedServer();
  await using first = await connectServed(server);
  await using second = await connectServed(server);
  await second.askTime();
  await until(() => server.events("request").length === 1, "the request has been logged");
  await using tab = await browser.open(server.url, { width: 390, height: 800 });
  const { page } = tab;
  await untilState(page, "live");
  await page.getByRole("combobox", { name: "Sort by" }).selectOption("Out");
  await untilEqual(() => queryOf(page), "?sort=out");
  await untilRows(page, first, second);
  await page.getByRole("combobox", { name: "Order" }).selectOption("descending");
  await untilRows(page, second, first);
  expect(queryOf(page)).toBe("?sort=out&dir=desc");

  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("link", { name: "Idle" }).click();
  await untilEqual(() => queryOf(page), "?sort=idle");
  await page.locator("#filter").fill("127");
  await untilEqual(() => queryOf(page), "?sort=idle&filter=127");
  expect(await page.locator("#sort").inputValue()).toBe("idle");
});

test("growing figures of the master move nothing below them", async () => {
  const server = await sharedServer();
  await using tab = await browser.open(`${server.url}?paused=1`);
  const { page } = tab;
  const rest = page.locator("main section");
  const uptime = page.locator('#master [data-name="uptime"] dd');
  const initial = await uptime.innerText();
  const show = async (text: string) =>
    uptime.evaluate((dd, value) => void (dd.textContent = value), text);
  for (const width of [1440, 768, 390]) {
    await show(initial);
    await page.setViewportSize({ width, height: 900 });
    const before = await boxesOf(rest);
    for (const text of ["59 s", "59 min 59 s", "23 h 59 min", "99 d 23 h"]) {
      await show(text);
      expect([width, text, await boxesOf(rest)]).toEqual([width, text, before]);
    }
  }
});

test("an answer of 401, 403 or 500 to a view change removes nothing from the page", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(server.url, { expected: /status of (?:401|403|500)/ });
  const { page } = tab;
  for (const status of [401, 403, 500]) {
    await untilState(page, "live");
    await page.route(/sort=cpu/, (route) => route.fulfill({ status, body: "no" }), { times: 1 });
    const answered = page.waitForResponse(/sort=cpu/);
    await page.locator("#sort-cpu").click();
    expect((await answered).status()).toBe(status);
    await page.locator("#pause").click();
    await untilState(page, "paused");
    expect(await rowPids(page)).toEqual([served.pid]);
    await page.locator("#pause").click();
  }
});
