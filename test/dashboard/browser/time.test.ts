/**
 * Times are in the viewer's time zone, wherever the server is, and converting them moves nothing.
 */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { useBrowser } from "../../harness/browser.ts";
import { connect } from "../../harness/connect.ts";
import { type Server, startServer } from "../../harness/server.ts";
import { untilEqual } from "../../harness/until.ts";
import { connectServed } from "../../harness/served-client.ts";
import { dialog, killLink, rowOf, untilState } from "./dashboard.ts";

const browser = useBrowser();

/** No viewer's time zone below ever has the same hour as this. */
const SERVERS_ZONE = "Pacific/Honolulu";

interface Shown {
  at: number;
  text: string;
  title: string;
}

function times(page: Page, place: string): Promise<Shown[]> {
  return page.locator(`${place} time`).evaluateAll((all) =>
    all.map((time) => ({
      at: Date.parse((time as HTMLTimeElement).dateTime),
      text: time.textContent ?? "",
      title: (time as HTMLElement).title,
    })),
  );
}

/** Returns `2026-11-25 22:04:31`, according to the system's time zone data. */
function localTime(at: number, timeZone: string): string {
  return new Date(at).toLocaleString("sv-SE", { timeZone });
}

/** Checks all times in an element; `digits`: how much of the time of day is shown. */
async function expectLocal(page: Page, place: string, zone: string, digits: 8 | 12): Promise<void> {
  const shown = await times(page, place);
  expect([place, shown.length > 0]).toEqual([place, true]);
  for (const { at, text, title } of shown) {
    const [date, time] = localTime(at, zone).split(" ");
    const exact = `${time}.${String(at % 1000).padStart(3, "0")}`;
    expect([place, text]).toEqual([place, exact.slice(0, digits)]);
    expect(title).toStartWith(`${date} ${exact} UTC`);
  }
}

/** Counts changes to the times that are on the page now, and to their contents. */
async function watchTimes(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const watch = globalThis as typeof globalThis & { changes: number };
    watch.changes = 0;
    const observer = new MutationObserver((changes) => void (watch.changes += changes.length));
    for (const time of document.querySelectorAll("time")) {
      observer.observe(time, {
        attributes: true,
        childList: true,
        characterData: true,
        subtree: true,
      });
      if (time.parentElement !== null) observer.observe(time.parentElement, { childList: true });
    }
  });
  return () => page.evaluate(() => (globalThis as typeof globalThis & { changes: number }).changes);
}

/** Starts a server whose page has every kind of time. */
async function startBusy(flags = {}): Promise<Server> {
  const server = await startServer(
    { spares: 1, maxClients: 2, ...flags },
    { env: { TZ: SERVERS_ZONE } },
  );
  return server;
}

for (const zone of ["Asia/Kathmandu", "America/St_Johns", "Asia/Seoul"]) {
  test(`a viewer in ${zone} sees local time everywhere, however it got onto the page`, async () => {
    await using server = await startBusy();
    await using first = await connectServed(server);
    await using tab = await browser.open(server.url, { timezoneId: zone, locale: "ko-KR" });
    const { page } = tab;
    await page.locator('#live[data-state="live"]').waitFor();
    await expectLocal(page, "#rows", zone, 8);
    await expectLocal(page, "#log", zone, 12);

    // Each of these arrives by the stream.
    await using second = await connectServed(server);
    await rowOf(page, second).waitFor();
    await using refused = await connect(server.port);
    await refused.readToEnd();
    await page.locator("#refused time").waitFor();
    await page.locator("#spares time").first().waitFor();
    await page.locator(`#log li[data-seq="${server.log.length}"]`).waitFor();
    for (const place of ["#rows", "#refused", "#spares"]) await expectLocal(page, place, zone, 8);
    await expectLocal(page, "#log", zone, 12);

    await killLink(rowOf(page, first)).click();
    await dialog(page).waitFor();
    await expectLocal(page, "#dialog", zone, 8);

    await page.goto(new URL(`/children/${first.id}/kill?signal=TERM`, server.url).href);
    await expectLocal(page, "main", zone, 8);
  });
}

test("updates by the stream or a change of the view leave unchanged times alone", async () => {
  await using server = await startBusy({ maxClients: 3 });
  await using served = await connectServed(server);
  await using other = await connectServed(server);
  await using _third = await connectServed(server);
  await using refused = await connect(server.port);
  await refused.readToEnd();
  await using tab = await browser.open(server.url, { timezoneId: "Asia/Seoul" });
  const { page } = tab;
  await untilState(page, "live");
  await page.locator("#refused time").waitFor();
  const changes = await watchTimes(page);

  await served.askTime(3);
  await untilEqual(() => rowOf(page, served).locator(".command").innerText(), "time");
  await other.client.send("hello\n");
  await untilEqual(() => rowOf(page, other).locator(".command").innerText(), "hello");
  await page.locator(`#log li[data-seq="${server.log.length}"]`).waitFor();
  await page.locator("#pids").check();
  await page.waitForURL(/pids=1/);
  await untilState(page, "live");
  await expectLocal(page, "#rows", "Asia/Seoul", 8);
  expect(await changes()).toBe(0);
});

test("viewers in the server's time zone, or without a script, see what the server rendered", async () => {
  await using server = await startBusy();
  await using _guest = await connectServed(server);
  for (const javaScript of [true, false]) {
    await using tab = await browser.open(server.url, { timezoneId: SERVERS_ZONE, javaScript });
    const { page } = tab;
    await expectLocal(page, "#rows", SERVERS_ZONE, 8);
    await expectLocal(page, "#log", SERVERS_ZONE, 12);
  }
  await using elsewhere = await browser.open(server.url, {
    timezoneId: "Asia/Seoul",
    javaScript: false,
  });
  await expectLocal(elsewhere.page, "#rows", SERVERS_ZONE, 8);
});
