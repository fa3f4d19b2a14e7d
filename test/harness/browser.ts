/**
 * A real browser: Debian's Chromium, without its own windows, with a fresh profile, driven by playwright-core.
 *
 *     const browser = useBrowser();
 *
 *     test("…", async () => {
 *       await using server = await startServer();
 *       await using tab = await browser.open(server.url);
 *       await tab.page.getByRole("link", { name: "Pause" }).click();
 *     });
 *
 * The end of the scope closes the tab, and fails the test if the browser reported a problem with the
 * page: an error in a script, a violation of its content policy, a file that did not load.
 */
import { afterAll, beforeAll, onTestFinished } from "bun:test";
import { type Browser, chromium, type Page } from "playwright-core";
import { DEADLINE_MS } from "./until.ts";

const CHROMIUM = "/usr/bin/chromium-headless-shell";

/** There is no GPU here, and nothing to update. */
const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface Circumstances {
  width?: number;
  height?: number;
  dark?: boolean;
  javaScript?: boolean;
  /** The user's language, such as `ko-KR`, and time zone, such as `Asia/Seoul`. */
  locale?: string;
  timezoneId?: string;
  /** Problems the test causes, which the browser may report. */
  expected?: RegExp;
}

export interface Tab extends AsyncDisposable {
  readonly page: Page;
  /** Each request so far that changes something, as `POST /path`. */
  readonly changes: readonly string[];
}

/** One browser for all tests of a file; each tab has its own cookies, cache and storage. */
export function useBrowser() {
  let browser: Browser | undefined;

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: FLAGS,
      chromiumSandbox: false,
    });
  });
  afterAll(() => browser?.close());

  return {
    /** Opens a page and waits until it and all its files have loaded. */
    async open(url: string, circumstances: Circumstances = {}): Promise<Tab> {
      if (browser === undefined) throw new Error("the browser starts with the first test");
      return openTab(browser, url, circumstances);
    },
  };
}

async function openTab(
  browser: Browser,
  url: string,
  {
    width = 1440,
    height = 900,
    dark = false,
    javaScript = true,
    expected,
    ...reader
  }: Circumstances,
): Promise<Tab> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    javaScriptEnabled: javaScript,
    ...reader,
  });
  context.setDefaultTimeout(DEADLINE_MS);
  const page = await context.newPage();
  const problems: string[] = [];
  const changes: string[] = [];
  const report = (text: string) => {
    if (expected === undefined || !expected.test(text)) problems.push(text);
  };
  page.on("pageerror", (error) => report(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) report(message.text());
  });
  page.on("request", (request) => {
    if (request.method() !== "GET") {
      changes.push(`${request.method()} ${new URL(request.url()).pathname}`);
    }
  });
  await page.goto(url);

  return {
    page,
    changes,
    async [Symbol.asyncDispose]() {
      await context.close();
      // Thrown here, it would hide the test's own error.
      onTestFinished(() => {
        if (problems.length > 0) throw new Error(`the browser reported ${problems.join("\n")}`);
      });
    },
  };
}
