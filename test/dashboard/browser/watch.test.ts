/** The page for a viewer with read-only access. */
import { expect, test } from "bun:test";
import { useBrowser } from "../../harness/browser.ts";
import { startServer } from "../../harness/server.ts";
import { untilEqual } from "../../harness/until.ts";
import { welcome } from "../http/password-client.ts";
import { violations } from "./axe.ts";
import { rowOf, treeLines, untilState } from "./dashboard.ts";

const browser = useBrowser();

test("a read-only page is live and complete, without any actions", async () => {
  await using server = await startServer({}, { env: { BROOD_DASHBOARD_READONLY: "true" } });
  await using guest = await welcome(server);
  await using tab = await browser.open(`${server.url}?compact=0`);
  const { page } = tab;
  await untilState(page, "live");
  await using other = await welcome(server);
  await rowOf(page, other).waitFor();
  await untilEqual(async () => (await treeLines(page)).length, 2);
  await guest.quit();
  await rowOf(page, guest).waitFor({ state: "detached" });
  await page.locator(`#log li[data-seq="${server.log.length}"]`).waitFor();

  const acting = page.locator(
    "a[href*='/kill'], [data-signal], #dialog, .actions, form[method=post]",
  );
  expect(await acting.count()).toBe(0);
  expect(await violations(page)).toEqual([]);
  await page.locator("#filter").fill(String(other.pid));
  await page.waitForURL(/filter=/);
  await untilState(page, "live");
  await page.locator("#tree a[data-rows]").first().click();
  await rowOf(page, other).and(page.locator("[data-highlighted]")).waitFor();
});
