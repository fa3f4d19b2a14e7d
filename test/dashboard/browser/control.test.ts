/** Pausing, resuming and draining the server from the page: with the mouse, the keyboard, and without a script. */
import { expect, test } from "bun:test";
import { connect } from "../../harness/connect.ts";
import { useBrowser } from "../../harness/browser.ts";
import { startServer } from "../../harness/server.ts";
import { welcome } from "../http/password-client.ts";
import { dialog, outcome, SERVER_AWAY, untilState } from "./dashboard.ts";

const browser = useBrowser();

test("while accepting is paused, clients wait until it is resumed", async () => {
  await using server = await startServer();
  await using guest = await welcome(server);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");

  await page.getByRole("button", { name: "Pause accepting" }).click();
  await outcome(page, /^Accepting is paused\. New clients wait until it is resumed\.$/);
  await page.getByText("Accepting was paused by operator at 127.0.0.1").waitFor();
  await using late = await connect(server.port);
  await late.send("time");
  await guest.askTime();
  expect(server.events("accepted")).toHaveLength(1);

  // With the keyboard alone: nothing else has had the focus since, so it is on the button or before it.
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
  await using guest = await welcome(server);
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
  await guest.quit();
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

test("viewers with read-only access see none of this", async () => {
  await using server = await startServer({}, { env: { BROOD_DASHBOARD_READONLY: "1" } });
  await using _guest = await welcome(server);
  await using tab = await browser.open(server.url);
  const { page } = tab;
  await untilState(page, "live");
  expect(await page.getByRole("button", { name: /accepting/ }).count()).toBe(0);
  expect(await page.getByRole("link", { name: /Kill|Drain|signals/ }).count()).toBe(0);
  await page.locator("#rows tr").waitFor();
});
