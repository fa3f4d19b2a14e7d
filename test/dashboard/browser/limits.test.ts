/** What the page shows of refused clients, and of a master that accepts none. */
import { expect, test } from "bun:test";
import { useBrowser } from "../../harness/browser.ts";
import { connect } from "../../harness/connect.ts";
import { startServer } from "../../harness/server.ts";
import { until, untilEqual } from "../../harness/until.ts";
import { welcome, welcomeMany } from "../http/password-client.ts";
import { dialog, killLink, outcome, rowOf, SERVER_AWAY, untilState } from "./dashboard.ts";

const browser = useBrowser();

test("each reason for refusing clients is counted, live, with the last client's address", async () => {
  await using server = await startServer({ maxClients: 2, deny: "127.0.0.9/32" });
  await using _ = await welcomeMany(server, 2);
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
  await using guest = await welcome(server); // so that the page is updated
  await rowOf(page, guest).waitFor();
  expect(await limits.isVisible()).toBe(true);
});

test("while the master drains, the page says how many children are left and counts down", async () => {
  await using server = await startServer({ drain: "60s" });
  await using guests = await welcomeMany(server, 2);
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
  await guests.all[0]?.quit();
  await until(async () => (await notice.innerText()).startsWith("Draining: 1 child left"), "one");
  await guests.all[1]?.askTime();
  await guests.all[1]?.quit();
  expect(await server.exited()).toBe(0);
});

test("KILL follows if TERM does not help, unless deselected", async () => {
  await using server = await startServer();
  await using guests = await welcomeMany(server, 2);
  const [patient, hurried] = guests.all;
  if (patient === undefined || hurried === undefined) throw new Error("two guests");
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  for (const guest of [patient, hurried]) await guest.freeze();

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
