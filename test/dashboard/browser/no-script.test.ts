/** The page in a browser without scripts: plain links, forms and pages. */
import { expect, test } from "bun:test";
import { useBrowser } from "../../harness/browser.ts";
import { startServer } from "../../harness/server.ts";
import { shareServers } from "../../harness/shared-server.ts";
import { until, untilEqual } from "../../harness/until.ts";
import { connectServed, connectManyServed } from "../../harness/served-client.ts";
import { killLink, rowOf, rowPids, signalsLink, treeLines } from "./dashboard.ts";

const browser = useBrowser();
const sharedServer = shareServers();

test("a link, a question and a form kill a child, and only its client is gone", async () => {
  const server = await sharedServer();
  await using victim = await connectServed(server);
  await using other = await connectServed(server);
  await using tab = await browser.open(server.url, { javaScript: false });
  const { page } = tab;
  expect(await rowPids(page)).toEqual([victim.pid, other.pid]);
  expect((await treeLines(page))[0]).toEndWith("---server---2*[server]");

  await killLink(rowOf(page, victim)).click();
  await page.getByRole("heading", { name: `Send TERM to PID ${victim.pid}?` }).waitFor();
  expect(await page.locator("body").innerText()).toContain(victim.address);
  await page.getByRole("button", { name: `Send TERM to PID ${victim.pid}` }).click();
  const told = page.getByText(
    new RegExp(`^PID ${victim.pid}: TERM sent, gone after \\d+(?: ms|\\.\\d s)$`),
  );
  await told.waitFor();
  expect(await victim.client.readToEnd()).toEqual({ text: "", end: "clean" });
  expect(tab.changes).toEqual([`POST /children/${victim.id}/kill`]);

  await page.getByText("Back to the page").click();
  await page.waitForURL(server.url);
  expect(await rowPids(page)).toEqual([other.pid]);
  await other.askTime();
});

test("the other signals are on a page of their own, with a Cancel link back", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(server.url, { javaScript: false });
  const { page } = tab;
  await signalsLink(rowOf(page, served)).click();
  await page.getByRole("heading", { name: `Which signal for PID ${served.pid}?` }).waitFor();
  await page.getByRole("link", { name: "KILL", exact: true }).click();
  await page.getByText("Cancel").click();
  await page.waitForURL(server.url);
  expect(tab.changes).toEqual([]);

  await signalsLink(rowOf(page, served)).click();
  await page.getByRole("link", { name: "KILL", exact: true }).click();
  await page.getByRole("button", { name: "Send KILL" }).click();
  await page.getByText("KILL sent, gone after").waitFor();
  expect(await server.event("ended")).toMatchObject({ id: served.id, signal: "SIGKILL" });
});

test("sorting, the filter and the tree's options are links and a form", async () => {
  const server = await sharedServer();
  await using first = await connectServed(server);
  await using second = await connectServed(server);
  await second.askTime();
  await server.event("request");
  await using tab = await browser.open(server.url, { javaScript: false });
  const { page } = tab;
  await page.getByRole("link", { name: "Out" }).click();
  await untilEqual(() => rowPids(page), [second.pid, first.pid]);
  await page.locator("#filter").fill(String(first.pid));
  await page.locator("#compact").check();
  await page.getByRole("button", { name: "Apply" }).click();
  await untilEqual(() => rowPids(page), [first.pid]);
  expect(await treeLines(page)).toHaveLength(2);
  expect(await page.locator('th[data-column="out"]').getAttribute("aria-sort")).toBe("descending");
  expect(await page.locator("#live").innerText()).toContain("live updates need JavaScript");
});

test("ticked checkboxes are sent by the form, confirmed, and reported on", async () => {
  const server = await sharedServer();
  await using first = await connectServed(server);
  await using second = await connectServed(server);
  await using third = await connectServed(server);
  await using tab = await browser.open(server.url, { javaScript: false });
  const { page } = tab;
  for (const served of [first, third]) await rowOf(page, served).getByRole("checkbox").check();
  await page.getByRole("button", { name: "Kill selected…" }).click();
  await page.getByRole("heading", { name: "Send TERM to 2 children?" }).waitFor();
  await page.getByRole("button", { name: "Send TERM to 2 children" }).click();
  await page.getByRole("heading", { name: "TERM to 2 children" }).waitFor();
  await until(
    async () => {
      if (await page.getByText("TERM: 2 of 2 gone.").isVisible()) return true;
      await page.getByRole("link", { name: "Refresh" }).click();
      return false;
    },
    () => "both are said to be gone",
  );
  for (const served of [first, third]) {
    expect(await served.client.readToEnd()).toEqual({ text: "", end: "clean" });
  }
  await second.askTime();
  expect(tab.changes).toEqual(["POST /kill", "POST /kills"]);
});

test("all children found or of one source are a link away, and so are columns and pages", async () => {
  await using server = await startServer({ maxPerSource: 100 });
  await using far = await connectServed(server, { from: "127.0.0.7" });
  await using servedClients = await connectManyServed(server, 52);
  await using tab = await browser.open(`${server.url}?rows=50`, { javaScript: false });
  const { page } = tab;
  await page.getByRole("link", { name: "Next page" }).click();
  expect(await page.locator("#pages .range").innerText()).toBe("51–53 of 53");
  await page.locator("#columns summary").click();
  await page.getByLabel("ID", { exact: true }).check();
  await page.getByRole("button", { name: "Apply" }).click();
  await page.locator("#rows .id").first().waitFor();
  // A change of the columns keeps the page of the table.
  expect(await page.locator("#pages .range").innerText()).toBe("51–53 of 53");

  await page.locator("#filter").fill("127.0.0.1:");
  await page.getByRole("button", { name: "Apply" }).click();
  expect(await page.locator("#pages .range").innerText()).toBe("1–50 of 52");
  await page.getByRole("link", { name: "Select 52 matching" }).click();
  await page.getByRole("heading", { name: "Send TERM to 52 children?" }).waitFor();
  await page.getByText("Cancel").click();

  await signalsLink(rowOf(page, far)).click();
  await page.getByRole("link", { name: "Kill all from 127.0.0.7…" }).click();
  await page.getByRole("heading", { name: "Send TERM to 1 child?" }).waitFor();
  expect(await page.locator("main").innerText()).toContain(`PID ${far.pid}`);
  expect(tab.changes).toEqual([]);
  expect(servedClients.all).toHaveLength(52);
});
