/** The page without a mouse. */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { useBrowser } from "../../harness/browser.ts";
import { startServer } from "../../harness/server.ts";
import { shareServers } from "../../harness/shared-server.ts";
import { untilEqual } from "../../harness/until.ts";
import { type ServedClient, connectManyServed } from "../../harness/served-client.ts";
import { dialog, outcome, untilState } from "./dashboard.ts";

const browser = useBrowser();
const sharedServer = shareServers();

async function focused(page: Page): Promise<string | undefined> {
  return page.evaluate(() => document.activeElement?.id);
}

async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

function rowId(served: ServedClient | undefined): string {
  return `row-${served?.id}`;
}

test("rows are found, selected and killed with keys alone, and other children live on", async () => {
  const server = await sharedServer();
  await using servedClients = await connectManyServed(server, 5);
  const [first, second, third, fourth, fifth] = servedClients.all;
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");

  await press(page, "j");
  expect(await focused(page)).toBe(rowId(first));
  await press(page, "j", "ArrowDown", "k");
  expect(await focused(page)).toBe(rowId(second));
  await press(page, "k", "k", "k", "j", "x");
  await untilEqual(() => page.locator("#selected").innerText(), "1 selected");
  await press(page, "j", "j", "X");
  await untilEqual(() => page.locator("#selected").innerText(), "3 selected");
  await press(page, "k", "x");
  await untilEqual(() => page.locator("#selected").innerText(), "2 selected");

  await press(page, "K");
  await dialog(page).getByRole("heading", { name: "Send TERM to 2 children?" }).waitFor();
  // An open question has the keyboard to itself.
  await press(page, "j", "x", "K");
  await press(page, "Escape");
  await dialog(page).waitFor({ state: "hidden" });
  await press(page, "K");
  await dialog(page).waitFor();
  await untilEqual(() => page.evaluate(() => document.activeElement?.textContent), "Cancel");
  await press(page, "Tab", "Enter");
  await outcome(page, /^TERM: 2 of 2 gone\./);
  await second?.client.readToEnd();
  await fourth?.client.readToEnd();
  for (const served of [first, third, fifth]) await served?.askTime();

  // Nothing is selected, so the question is about the row.
  await press(page, "Escape");
  await page.locator(`#${rowId(second)}`).waitFor({ state: "detached" });
  await press(page, "j", "K");
  await dialog(page)
    .getByRole("heading", { name: `Send TERM to PID ${first?.pid}?` })
    .waitFor();
  await press(page, "Escape");
  await server.event("kill requested");
  expect(server.events("kill requested")).toHaveLength(1);
});

test("keys are shortcuts everywhere but in text fields", async () => {
  await using server = await startServer({ maxPerSource: 100 });
  await using servedClients = await connectManyServed(server, 55);
  await using tab = await browser.open(`${server.url}?rows=50`, { expected: /404/ });
  const { page } = tab;
  await untilState(page, "live");
  const range = () => page.locator("#pages .range").innerText();
  await press(page, "n");
  await untilEqual(range, "51–55 of 55");
  await press(page, "p");
  await untilEqual(range, "1–50 of 55");

  await press(page, "/");
  expect(await focused(page)).toBe("filter");
  await page.keyboard.type("jxK?tn");
  expect(await page.locator("#filter").inputValue()).toBe("jxK?tn");
  expect(await page.locator("#help").isVisible()).toBe(false);
  await page.locator("#empty", { hasText: "None" }).waitFor();
  await press(page, "ControlOrMeta+a", "Backspace", "Escape");
  await untilEqual(range, "1–50 of 55");
  expect(await focused(page)).not.toBe("filter");

  await press(page, "t");
  expect(await focused(page)).toBe("tree");
  await press(page, "l");
  expect(await focused(page)).toBe("log");
  // A key with a modifier is no shortcut.
  await press(page, "Control+j", "Alt+j");
  expect(await focused(page)).toBe("log");
  await press(page, "j", "o");
  await page.waitForURL(`**/children/${servedClients.all[0]?.id}`);
  await page.goBack();
  await untilState(page, "live");
  for (const [key, path] of [
    ["c", "charts"],
    ["h", "history"],
    ["a", "audit"],
  ] as const) {
    await press(page, "g", key);
    await page.waitForURL(`**/${path}`);
    // And back, with the shortcuts of that page.
    await press(page, "g", "t");
    await page.waitForURL(({ pathname }) => pathname === "/");
    await untilState(page, "live");
  }
});

test("with a Korean layout, shortcuts are on the same keys as with a Latin one", async () => {
  const server = await sharedServer();
  await using servedClients = await connectManyServed(server, 2);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  const jamo = (key: string, code: string, shiftKey = false) =>
    page.evaluate((init) => document.dispatchEvent(new KeyboardEvent("keydown", init)), {
      key,
      code,
      shiftKey,
    });
  await jamo("ㅓ", "KeyJ");
  await jamo("ㅓ", "KeyJ");
  expect(await focused(page)).toBe(rowId(servedClients.all[1]));
  await jamo("ㅌ", "KeyX");
  await untilEqual(() => page.locator("#selected").innerText(), "1 selected");
});

test("the help dialog lists the shortcuts, and turns them off permanently", async () => {
  await using server = await startServer();
  await using servedClients = await connectManyServed(server, 1);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await press(page, "?");
  await sheet.waitFor();
  expect(await sheet.innerText()).toContain("go to the filter");
  await press(page, "Escape");
  await sheet.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
  await sheet.getByLabel("Enable shortcuts").uncheck();
  await sheet.getByRole("button", { name: "Close" }).click();
  await press(page, "j", "?");
  expect(await sheet.isVisible()).toBe(false);
  expect(await focused(page)).not.toBe(rowId(servedClients.all[0]));
  await page.reload();
  await untilState(page, "live");
  await press(page, "j");
  expect(await focused(page)).not.toBe(rowId(servedClients.all[0]));

  await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
  await sheet.getByLabel("Enable shortcuts").check();
  await press(page, "Escape");
  await press(page, "j");
  expect(await focused(page)).toBe(rowId(servedClients.all[0]));
});
