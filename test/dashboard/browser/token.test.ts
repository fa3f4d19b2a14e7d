/**
 * The page of a server that has generated its password, in the browser that
 * opens the printed address.
 */
import { expect, test } from "bun:test";
import { en } from "../../../dashboard/texts/en.ts";
import { useBrowser } from "../../harness/browser.ts";
import { pageAddress, tokenOf } from "../../harness/page-token.ts";
import { type Flags, type Server, startServer } from "../../harness/server.ts";
import { connectServed } from "../../harness/served-client.ts";
import { until } from "../../harness/until.ts";
import { dialog, killLink, outcome, rowOf, SERVER_AWAY, untilState } from "./dashboard.ts";

const browser = useBrowser();

/** What the browser reports of a page that is refused. */
const REFUSED = /the server responded with a status of 401/;

function startOrdinary(flags: Flags = {}): Promise<Server> {
  return startServer({ exec: "cat", ...flags }, { ordinary: true });
}

/** Another site, with a page that links to `address`. */
function siteWithLinkTo(address: string) {
  const html = `<link rel="icon" href="data:,"><a href="${address}">brood</a>`;
  const headers = { "Content-Type": "text/html" };
  const site = Bun.serve({ port: 0, fetch: () => new Response(html, { headers }) });
  return {
    url: `http://localhost:${site.port}/`,
    [Symbol.asyncDispose]: () => site.stop(true),
  };
}

test("the printed address opens a live page, from which a child can be killed, and disappears", async () => {
  await using server = await startOrdinary();
  const token = tokenOf(server);
  await using victim = await connectServed(server);
  await using tab = await browser.open(pageAddress(server));
  const { page } = tab;
  const requested: string[] = [];
  page.on("request", (request) => {
    requested.push(`${request.url()} ${request.headers().referer ?? ""}`);
  });
  await untilState(page, "live");
  await using other = await connectServed(server);
  await rowOf(page, other).waitFor();
  await killLink(rowOf(page, victim)).click();
  await dialog(page)
    .getByRole("button", { name: `Send TERM to PID ${victim.pid}` })
    .click();
  await outcome(page, new RegExp(`^PID ${victim.pid}: TERM sent, gone after `));
  expect(await victim.client.readToEnd()).toEqual({ text: "", end: "clean" });

  expect(page.url()).toStartWith(server.url);
  expect(page.url()).not.toContain(token);
  expect(await page.content()).not.toContain(token);
  expect(requested.filter((line) => line.includes(token))).toEqual([]);
  expect(await page.evaluate(() => document.cookie)).toBe("");
});

test("a link opened in another tab needs no password, whatever page it is on", async () => {
  await using server = await startOrdinary();
  await using tab = await browser.open(pageAddress(server));
  const { page } = tab;
  const charts = page.locator("a[href='/charts']").first();
  const [opened] = await Promise.all([
    page.context().waitForEvent("page"),
    charts.click({ modifiers: ["Control"] }),
  ]);
  await until(async () => (await opened.title()).includes(en.charts.title), "the charts are shown");

  await using elsewhere = siteWithLinkTo(server.url);
  await opened.goto(elsewhere.url);
  await opened.getByRole("link").click();
  await untilState(opened, "live");
});

test("the address works as a link on another site's page", async () => {
  await using server = await startOrdinary();
  await using elsewhere = siteWithLinkTo(pageAddress(server));
  await using tab = await browser.open(elsewhere.url);
  const { page } = tab;
  await page.getByRole("link").click();
  await untilState(page, "live");
  expect(page.url()).toStartWith(server.url);
});

test("the address without the password leads to a page that says where to find it", async () => {
  await using server = await startOrdinary();
  await using tab = await browser.open(server.url, { expected: REFUSED });
  const { page } = tab;
  expect(await page.locator("h2").innerText()).toBe(en.refusals.addressRequired.title);
  await page.goto(pageAddress(server));
  await untilState(page, "live");
});

test("a page whose server has been restarted asks for the new address when it is loaded again", async () => {
  await using server = await startOrdinary();
  const expected = new RegExp(`${REFUSED.source}|${SERVER_AWAY.source}`);
  await using tab = await browser.open(pageAddress(server), { expected });
  const { page } = tab;
  await untilState(page, "live");
  await server.stop();
  await untilState(page, "reconnecting");
  await using restarted = await startOrdinary({ dashboard: new URL(server.url).host });
  await page.reload();
  expect(await page.locator("h2").innerText()).toBe(en.refusals.addressRequired.title);
  await page.goto(pageAddress(restarted));
  await untilState(page, "live");
});
