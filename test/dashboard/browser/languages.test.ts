/** The page for a Korean viewer. */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { useBrowser } from "../../harness/browser.ts";
import { connect } from "../../harness/connect.ts";
import { startServer } from "../../harness/server.ts";
import { shareServers } from "../../harness/shared-server.ts";
import { until, untilEqual } from "../../harness/until.ts";
import { connectServed } from "../../harness/served-client.ts";
import { flaws } from "./axe.ts";
import { dialog, killLink, menu, outcome, rowOf, SERVER_AWAY, signalsLink } from "./dashboard.ts";

const browser = useBrowser();
const sharedServer = shareServers();

/** The same in every language: names, abbreviations, units, and the names of programs. */
const KNOWN = new Set(
  "brood server ID PID IP ASCII CPU IPv B kB MB ms time quit hello umask nobody nogroup SIGTERM TERM INT HUP KILL STOP CONT Ctrl C".split(
    " ",
  ),
);

/** Returns the words in Latin letters among all texts, titles and labels of the page. */
async function foreignWords(page: Page): Promise<string[]> {
  const pageTexts = await page.evaluate(() => {
    const texts: string[] = [];
    const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_ALL);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const parent = node.parentElement;
      // The tree has only names of processes, and keys are named after themselves; flags are next
      // to their translation. System errors are in the system's words.
      if (parent?.closest('script, noscript, kbd, #tree code, [data-tone="bad"]') !== null)
        continue;
      if (node instanceof Text) texts.push(node.data);
      if (!(node instanceof Element) || node.matches("meta, time, dt")) continue;
      for (const name of ["aria-label", "placeholder", "title", "alt", "data-label"]) {
        texts.push(node.getAttribute(name) ?? "");
      }
      if (node instanceof HTMLElement)
        texts.push(...["noAnswer", "unsure"].map((key) => node.dataset[key] ?? ""));
    }
    return texts;
  });
  const words = pageTexts.flatMap((text) => text.match(/[A-Za-z]+/g) ?? []);
  return [...new Set(words)].filter((word) => !KNOWN.has(word));
}

async function untilLive(page: Page): Promise<void> {
  await page.locator('#live[data-state="live"]').waitFor();
}

test("a Korean page is entirely in Korean, and axe finds nothing wrong, wide or narrow", async () => {
  await using server = await startServer({ spares: 1, maxClients: 3 });
  await using served = await connectServed(server);
  await using other = await connectServed(server);
  await using third = await connectServed(server);
  await using refused = await connect(server.port);
  await refused.readToEnd();
  await served.askTime();
  await other.client.send("hello\n");
  await server.event("request", ({ id }) => id === other.id);
  await other.freeze();
  await using tab = await browser.open(server.url, { width: 390, locale: "ko-KR" });
  const { page } = tab;
  const check = async (state: string, arrange = async () => {}) =>
    expect([
      state,
      await page.locator("html").getAttribute("lang"),
      await foreignWords(page),
      await flaws(page, { scope: "no contrast", arrange }),
    ]).toEqual([state, "ko", [], []]);

  await untilLive(page);
  await page.getByText("현재 제한").click();
  await rowOf(page, other).and(page.locator('[data-state="stopped"]')).waitFor();
  await page.locator("#refused td").first().waitFor();
  await check("live");

  await page.locator("#compact").check();
  await page.locator("#tree .kill").nth(2).waitFor();
  await untilLive(page);
  await signalsLink(rowOf(page, served)).click();
  await menu(page).waitFor();
  await check("with the menu open", () => menu(page).waitFor());
  await page.keyboard.press("Escape");
  await menu(page).waitFor({ state: "hidden" });

  await killLink(rowOf(page, served)).click();
  await dialog(page).waitFor();
  await check("with the question open", () => dialog(page).waitFor());
  await dialog(page).getByRole("button", { name: "TERM 보내기" }).click();
  await outcome(page, new RegExp(`^PID ${served.pid}: TERM 보냄, .* 후 종료됨$`));
  await killLink(rowOf(page, other)).focus(); // locks the table while the rows move below the pointer
  await rowOf(page, other).hover();
  await third.quit();
  const ended = rowOf(page, third).and(page.locator('[data-state="ended"]'));
  await ended.waitFor();
  await check("with an outcome, and an ended child in a locked table", async () => {
    await rowOf(page, other).hover();
    await ended.waitFor();
  });

  await page.getByRole("link", { name: "일시 정지" }).click();
  await untilEqual(() => page.locator("#live").innerText(), "일시 정지됨");
  await page.locator("#filter").fill("없는 것");
  await page.locator("#empty").filter({ hasText: "“없는 것”에 맞는 것이 없습니다" }).waitFor();
  await check("paused, with a filter that matches none");

  await page.goto(new URL(`/children/${other.id}/kill`, server.url).href);
  await check("the signals as a page");
  await page.goto(new URL(`/children/${other.id}/kill?signal=TERM`, server.url).href);
  await check("the question as a page");
});

test("messages that only the browser can make are in Korean, too", async () => {
  const server = await startServer({ drain: "60s" });
  await using served = await connectServed(server);
  await using tab = await browser.open(server.url, { locale: "ko-KR", expected: SERVER_AWAY });
  const { page } = tab;
  await untilLive(page);
  await killLink(rowOf(page, served)).click();
  await dialog(page).waitFor();
  server.signal("SIGKILL");
  await server.exited();
  await untilEqual(() => page.locator("#live").innerText(), "다시 연결 중");
  await dialog(page).getByRole("button", { name: "TERM 보내기" }).click();
  await outcome(page, /^서버가 응답하지 않았습니다\. 시그널을 보냈는지 확인할 수 없습니다\.$/);
  await killLink(rowOf(page, served)).click();
  await outcome(page, /^서버가 응답하지 않습니다\. 아무것도 보내지 않았습니다\.$/);
});

test("without JavaScript, everything is in Korean as well", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  await using tab = await browser.open(server.url, { locale: "ko-KR", javaScript: false });
  const { page } = tab;
  expect(await page.locator("#live").innerText()).toContain("새로 고침으로 확인하십시오");
  await page.getByRole("button", { name: "적용" }).waitFor();
  await killLink(rowOf(page, served)).click();
  await page
    .getByRole("heading", { name: `PID ${served.pid}에 TERM 시그널을 보낼까요?` })
    .waitFor();
  await page.getByRole("button", { name: "TERM 보내기" }).click();
  await page.getByText("후 종료됨").waitFor();
  await page.getByText("페이지로 돌아가기").click();
  await page.waitForURL(server.url);
});

test("the header links to each page and marks the current one", async () => {
  const server = await sharedServer();
  for (const [locale, wanted] of [
    ["en-GB", ["Tree & children", "Charts", "History", "Audit"]],
    ["ko-KR", ["트리·자식", "차트", "기록", "감사 로그"]],
  ] as const) {
    await using tab = await browser.open(server.url, { width: 390, locale });
    const nav = tab.page.locator("header nav");
    const links = nav.getByRole("link");
    expect(await links.allInnerTexts()).toEqual([...wanted]);
    expect(await nav.locator('[aria-current="page"]').allInnerTexts()).toEqual([wanted[0]]);
    const paths = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href")));
    expect(paths).toEqual(["/", "/charts", "/history", "/audit"]);
    // On one line, and completely visible.
    await until(async () => {
      const boxes = await links.evaluateAll((all) =>
        all.map((link) => link.getBoundingClientRect()),
      );
      return boxes.every(({ top, right }) => top === boxes[0]?.top && right <= 390);
    }, "the links are on one line");
  }
});
