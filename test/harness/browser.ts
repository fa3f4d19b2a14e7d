/**
 * A real browser: Debian's Chromium with a fresh profile, driven by playwright-core.
 *
 *     const browser = useBrowser();
 *
 *     test("…", async () => {
 *       await using server = await startServer();
 *       await using tab = await browser.open(server.url);
 *       await tab.page.getByRole("link", { name: "Pause" }).click();
 *     });
 *
 * The end of the scope closes the tab and fails the test if the browser complained of the page: an
 * error in a script, a breach of its policy, a file that did not load.
 */
import { afterAll, beforeAll, onTestFinished } from "bun:test";
import { type Browser, chromium, type Page } from "playwright-core";
import { DEADLINE_MS } from "./until.ts";

const CHROMIUM = "/usr/bin/chromium-headless-shell";

/** No GPU here, and nobody to call home to. */
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
  /** The reader's language, as `ko-KR`, and time zone, as `Asia/Seoul`. */
  locale?: string;
  timezoneId?: string;
  /** What the test brings about, and the browser may complain of. */
  expected?: RegExp;
}

export interface Tab extends AsyncDisposable {
  readonly page: Page;
  /** Each request so far that was to change something, as `POST /path`. */
  readonly changes: readonly string[];
}

/** One browser for all tests of a file; each tab has cookies, cache and storage of its own. */
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
      if (browser === undefined) throw new Error("no browser before the first test");
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
  const complaints: string[] = [];
  const changes: string[] = [];
  const complain = (text: string) => {
    if (expected === undefined || !expected.test(text)) complaints.push(text);
  };
  page.on("pageerror", (error) => complain(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complain(message.text());
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
      // Thrown here it would hide what the test itself has thrown.
      onTestFinished(() => {
        if (complaints.length > 0) throw new Error(`the browser said ${complaints.join("\n")}`);
      });
    },
  };
}
