/** A failed request changes nothing on the page. */
import { expect, test } from "bun:test";
import { useBrowser } from "../../harness/browser.ts";
import { startServer } from "../../harness/server.ts";
import { welcome } from "../http/password-client.ts";
import { rowPids, untilState } from "./dashboard.ts";

const browser = useBrowser();

for (const status of [401, 403, 500]) {
  test(`an answer of ${status} to a view change removes nothing from the page`, async () => {
    await using server = await startServer();
    await using guest = await welcome(server);
    await using tab = await browser.open(server.url, {
      expected: new RegExp(`status of ${status}`),
    });
    const { page } = tab;
    await untilState(page, "live");
    await page.route(/sort=cpu/, (route) => route.fulfill({ status, body: "no" }));
    const answered = page.waitForResponse(/sort=cpu/);
    await page.locator("#sort-cpu").click();
    await answered;
    await page.locator("#pause").click();
    await untilState(page, "paused");
    expect(await rowPids(page)).toEqual([guest.pid]);
  });
}
