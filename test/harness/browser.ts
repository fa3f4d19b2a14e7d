/**
 * A real browser: Debian's Chromium, without its own windows, with a fresh profile,
 * driven by playwright-core.
 *
 *     const browser = useBrowser();
 *
 *     test("…", async () => {
 *       await using server = await startServer();
 *       await using tab = await browser.open(server.url);
 *       await tab.page.getByRole("link", { name: "Pause" }).click();
 *     });
 *
 * The end of the scope closes the tab, and fails the test if the browser reported a problem with
 * the page: an error in a script, a violation of its content policy, a file that did not load.
 */
import { afterAll, beforeAll, onTestFinished } from "bun:test";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { DEADLINE_MS } from "./until.ts";

const CHROMIUM = "/usr/bin/chromium-headless-shell";

/**
 * There is no GPU here, nothing to update, and no other site to isolate the page from.
 * The last three make all pages of a context share one process, which nearly halves the
 * CPU time of opening a page.
 */
const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-site-isolation-trials",
  "--process-per-site",
  "--renderer-process-limit=1",
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

/** What the pages of a context have in common. */
type Reader = Pick<BrowserContextOptions, "javaScriptEnabled" | "locale" | "timezoneId">;

function readerOf({ javaScript = true, locale, timezoneId }: Circumstances): Reader {
  return {
    javaScriptEnabled: javaScript,
    ...(locale !== undefined && { locale }),
    ...(timezoneId !== undefined && { timezoneId }),
  };
}

/**
 * One browser for all tests of a file. Each tab is a new page, alone in its context; a context with
 * its process serves one test after the other. Its cookies are deleted in between. Storage and
 * cache belong to an origin, and thus to one server.
 */
export function useBrowser() {
  let browser: Browser | undefined;
  /** Contexts without a tab, by what their readers have in common. */
  const idle = new Map<string, BrowserContext[]>();

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
      const reader = readerOf(circumstances);
      const key = JSON.stringify(reader);
      const context = idle.get(key)?.pop() ?? (await newContext(browser, reader));
      const release = async () => {
        await context.clearCookies();
        idle.set(key, [...(idle.get(key) ?? []), context]);
      };
      return openTab(context, url, circumstances, release);
    },
  };
}

async function newContext(browser: Browser, reader: Reader): Promise<BrowserContext> {
  const context = await browser.newContext(reader);
  context.setDefaultTimeout(DEADLINE_MS);
  await context.newPage(); // stays empty, and keeps the process while no test has a tab
  return context;
}

async function openTab(
  context: BrowserContext,
  url: string,
  { width = 1440, height = 900, dark = false, expected }: Circumstances,
  release: () => Promise<void>,
): Promise<Tab> {
  const page = await context.newPage();
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
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
      await page.close();
      await release();
      // Thrown here, it would hide the test's own error.
      onTestFinished(() => {
        if (problems.length > 0) throw new Error(`the browser reported ${problems.join("\n")}`);
      });
    },
  };
}
