/** A child's page in a real browser: live as long as the child is, and there afterwards. */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { useBrowser } from "../../harness/browser.ts";
import { connect } from "../../harness/connect.ts";
import { type Server, startServer } from "../../harness/server.ts";
import { shareServers } from "../../harness/shared-server.ts";
import { until, untilEqual } from "../../harness/until.ts";
import { type ServedClient, connectServed } from "../../harness/served-client.ts";
import { flaws, overflow, type State, violations } from "./axe.ts";
import { dialog, menu, outcome, SERVER_AWAY, untilState } from "./dashboard.ts";

const browser = useBrowser();
const sharedServer = shareServers();

function addressOf(server: Server, { id }: Pick<ServedClient, "id">, query = ""): string {
  return new URL(`/children/${id}${query}`, server.url).href;
}

function stepsOf(page: Page): Promise<string[]> {
  return page.locator(".steps .what").allInnerTexts();
}

async function untilEnded(page: Page, reason: string): Promise<void> {
  await page.locator('#child-state [data-state="ended"]', { hasText: reason }).waitFor();
  await page.locator('#live[data-state="ended"]').waitFor();
}

test("the timeline grows as things happen, and ends with the end reason", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(addressOf(server, served));
  const { page } = tab;
  await untilState(page, "live");
  const begun = ["accepted", "child spawned", "handed over: child serving"];
  expect(await stepsOf(page)).toEqual(begun);

  await served.askTime();
  await untilEqual(() => stepsOf(page), [...begun, "first reply"]);
  await page.locator("#requests tbody tr").waitFor();
  await served.client.send("quit\n");
  await untilEnded(page, "ended: quit");
  await untilEqual(() => stepsOf(page), [...begun, "first reply", "ended: quit"]);
  expect(await page.locator("#log li").last().innerText()).toContain("ended: quit");
  expect(await page.locator("#stream, .kill").count()).toBe(0);
  // A viewer who comes later sees the same.
  await page.reload();
  expect(await stepsOf(page)).toEqual([...begun, "first reply", "ended: quit"]);
  expect(await page.locator("#live").innerText()).toBe("ended");
});

test("a child is killed from its page with the keyboard alone, and the page shows the outcome", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(addressOf(server, served));
  const { page } = tab;
  await untilState(page, "live");
  const tabTo = async (label: RegExp) => {
    await until(
      async () => {
        await page.keyboard.press("Tab");
        const focused = await page.evaluate(
          () =>
            document.activeElement?.getAttribute("aria-label") ??
            document.activeElement?.textContent ??
            "",
        );
        return label.test(focused);
      },
      () => `the focus comes to ${label}`,
    );
  };
  await tabTo(/^Other signals for/);
  await page.keyboard.press("Enter");
  await menu(page).waitFor();
  await page.keyboard.press("Escape");
  await tabTo(/^Show contents/);
  await page.keyboard.press("Shift+Tab");
  await tabTo(/^Show contents/);
  await page.locator(".kill").focus();
  await page.keyboard.press("Enter");
  await dialog(page).waitFor();
  await tabTo(/^Send TERM to PID/);
  await page.keyboard.press("Enter");
  await outcome(
    page,
    new RegExp(`^PID ${served.pid}: TERM sent, gone after \\d+(?: ms|\\.\\d s)$`),
  );
  await untilEnded(page, "killed by operator");
  const steps = await stepsOf(page);
  expect(steps.slice(-3)).toEqual([
    expect.stringMatching(/^TERM sent by operator/),
    expect.stringMatching(/^TERM sent, gone after/),
    "ended: killed by operator",
  ]);
  expect(tab.changes).toEqual([`POST /children/${served.id}/kill`]);
});

test("contents are hidden until requested, in live updates too, and hostile text stays text", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(addressOf(server, served));
  const { page } = tab;
  await untilState(page, "live");
  await served.client.send("<img src=x onerror=alert(1)>\n");
  await page.locator("#requests tbody tr").waitFor();
  await page.locator("#log li", { hasText: "request: invalid, 29 B in" }).waitFor();
  expect(await page.content()).not.toContain("onerror");

  await page.getByRole("link", { name: "Show contents" }).click();
  await untilState(page, "live");
  await page
    .locator("#requests td.contents", { hasText: "<img src=x onerror=alert(1)>" })
    .waitFor();
  await served.client.send("<script>alert(2)</script>\n");
  await page.locator("#log li", { hasText: ": <script>alert(2)</script>" }).waitFor();
  await page.locator("#requests td.contents", { hasText: "<script>alert(2)" }).waitFor();
  expect(await page.locator("#child img, #child script").count()).toBe(0);
  await page.getByRole("link", { name: "Hide contents" }).click();
  await untilState(page, "live");
  expect(await page.content()).not.toContain("onerror");
});

test("focus, text selection, open details and scroll positions survive updates", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(addressOf(server, served));
  const { page } = tab;
  await untilState(page, "live");
  await page.locator("#process-limits summary").click();
  await page.locator("#process-limits summary").focus();
  await page
    .locator("#process .facts code")
    .first()
    .evaluate((code) => {
      getSelection()?.selectAllChildren(code);
    });
  const selected = await page.evaluate(() => String(getSelection()));
  expect(selected).not.toBe("");
  await served.askTime(3);
  await page.locator("#requests tbody tr").nth(2).waitFor();
  await page.locator("#usage tbody tr").nth(2).waitFor({ state: "attached" });
  expect(await page.evaluate(() => String(getSelection()))).toBe(selected);
  expect(await page.locator("#process-limits").getAttribute("open")).toBe("");
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Limits");

  // A row that moves down keeps its text selected.
  const row = page.locator("#requests tbody tr").first();
  const chosen = await row.locator("time").innerText();
  await row.locator("time").evaluate((time) => getSelection()?.selectAllChildren(time));
  await served.askTime();
  await page.locator("#requests tbody tr").nth(3).waitFor();
  expect(await row.locator("time").innerText()).not.toBe(chosen);
  expect(await page.evaluate(() => String(getSelection()))).toBe(chosen);
});

test("the page can be paused and resumed, and reports a server that goes away", async () => {
  const server = await startServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(addressOf(server, served), { expected: SERVER_AWAY });
  const { page } = tab;
  await untilState(page, "live");
  await page.getByRole("link", { name: "Pause" }).click();
  await untilState(page, "paused");
  expect(new URL(page.url()).search).toBe("?paused=1");
  await served.askTime();
  await server.event("first reply");
  expect(await page.locator("#stream").count()).toBe(0);
  expect(await stepsOf(page)).not.toContain("first reply");
  await page.getByRole("link", { name: "Resume" }).click();
  await untilState(page, "live");
  expect(await stepsOf(page)).toContain("first reply");
  server.signal("SIGKILL");
  await server.exited();
  await untilState(page, "reconnecting");
  expect(await violations(page)).toEqual([]);
});

test("charts show the child's usage, and so does a table", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(addressOf(server, served));
  const { page } = tab;
  const value = (name: string) => page.locator(`.legend [data-series="${name}"] b`).innerText();
  await until(async () => /\d %$/.test(await value("cpu")), "the chart shows CPU");
  expect(await value("memory")).toMatch(/^\d.*B$/);
  await page.getByText("Show as table").click();
  await page.locator("#usage tbody tr").nth(1).waitFor();
  await served.client.send("quit\n");
  await untilEnded(page, "quit");
  expect(await page.locator("#usage tbody tr").count()).toBeGreaterThan(1);
});

test("a terminal child's page shows its descendants as they come and go", async () => {
  await using server = await startServer({ pty: "bash --norc --noprofile -i" });
  await using client = await connect(server.port);
  const { id } = await server.event("serving", ({ remotePort }) => remotePort === client.port);
  await using tab = await browser.open(addressOf(server, { id }));
  const { page } = tab;
  const tree = page.locator("#process pre");
  await tree.filter({ hasText: "bash(" }).waitFor();
  await client.send("vim /etc/hosts\n");
  await tree.filter({ hasText: "vim(" }).waitFor();
  expect(await page.locator("#process .files").innerText()).toContain("/dev/ptmx");
  await client.send("\x1b:q!\n");
  await until(async () => !(await tree.innerText()).includes("vim("), "vim has gone");
});

test("without JavaScript, the page shows the same, and kills with a link back", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(addressOf(server, served), { javaScript: false });
  const { page } = tab;
  expect(await page.locator("#live").innerText()).toContain("live updates need JavaScript");
  await page.getByRole("link", { name: "Show contents" }).click();
  await page.getByRole("link", { name: "Hide contents" }).waitFor();
  await page.locator(".kill").click();
  await page.getByRole("button", { name: "Send TERM" }).click();
  await page.getByText("TERM sent, gone after").waitFor();
  await page.getByRole("link", { name: "This child" }).click();
  expect(await page.locator("#child-state").innerText()).toContain("killed by operator");
});

test("axe finds nothing wrong with a child's page, live or ended, wide or narrow, in both themes", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  await served.askTime(5);
  await served.client.send(`${"wide".repeat(19)}\n`);
  await using tab = await browser.open(addressOf(server, served, "?contents=1"), {
    width: 390,
    dark: true,
    expected: /404/,
  });
  const { page } = tab;
  const check = async (name: string, state?: State) =>
    expect([name, await flaws(page, state)]).toEqual([name, []]);
  await untilState(page, "live");
  await page.locator("#requests tbody tr").first().waitFor();
  await page.getByText("Show as table").click();
  await page.locator("#process-limits summary").click();
  await check("live");
  await served.freeze();
  await page.locator('#child-state [data-state="stopped"]').waitFor();
  await check("stopped");
  await page.locator(".kill").click();
  await check("with the question open", { overlay: "#dialog" });
  await dialog(page).getByRole("button", { name: "Send TERM" }).click();
  await untilEnded(page, "killed by operator");
  await check("ended");
  await page.goto(addressOf(server, { id: "nobody" }));
  await check("not there");
});

test("a child's page is entirely in Korean for Korean viewers", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(addressOf(server, served), { locale: "ko-KR", width: 390 });
  const { page } = tab;
  await page.locator('#live[data-state="live"]').waitFor();
  expect(await page.locator("h2").allInnerTexts()).toEqual(
    expect.arrayContaining(["타임라인", "요청과 응답", "로그", "CPU와 메모리", "프로세스"]),
  );
  await served.client.send("quit\n");
  await page.locator('#live[data-state="ended"]').waitFor();
  expect((await stepsOf(page)).at(-1)).toBe("종료됨: quit 명령");
  expect([await violations(page, "no contrast"), await overflow(page)]).toEqual([[], 0]);
});
