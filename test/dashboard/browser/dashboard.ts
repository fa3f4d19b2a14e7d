/** The page as somebody who looks at it finds their way in it. */
import type { Locator, Page } from "playwright-core";
import { until, untilEqual } from "../../harness/until.ts";
import type { Guest } from "../http/password-client.ts";

/** What the browser and htmx say on the console when the server goes away. */
export const SERVER_AWAY = /^Failed to load resource: net::ERR_|^htmx: htmx:(sse:)?error: /;

/** What a test needs to name a child. */
type Whom = Pick<Guest, "id">;

/** Waits until the page says that its stream is in this state. */
export async function untilState(
  page: Page,
  state: "live" | "reconnecting" | "paused",
): Promise<void> {
  await page.locator(`#live[data-state="${state}"]`).waitFor();
  await untilEqual(() => page.locator("#live").innerText(), state);
}

export function rowOf(page: Page, { id }: Whom): Locator {
  return page.locator(`#row-${id}`);
}

/** The pids of all rows as they stand in the page, those of ended children too. */
export async function rowPids(page: Page): Promise<number[]> {
  return (await page.locator("#rows > tr > th").allInnerTexts()).map(Number);
}

/** The pids in the order in which the server wants them: what was received, shown or not. */
export async function orderReceived(page: Page): Promise<string> {
  return page.locator("#rows").evaluate((rows) => rows.dataset.order ?? "");
}

export async function treeLines(page: Page): Promise<string[]> {
  return page.locator("#tree code").allInnerTexts();
}

/** The end of the tree's only line: what stands below the ancestors. */
export async function untilTreeEnds(page: Page, ending: string): Promise<void> {
  await until(
    async () => {
      const lines = await treeLines(page);
      return lines.length === 1 && lines[0]?.endsWith(`---${ending}`);
    },
    () => `the tree ends with ${ending}`,
  );
}

export function killLink(place: Locator): Locator {
  return place.locator("a.kill");
}

export function signalsLink(place: Locator): Locator {
  return place.locator("a.signals");
}

export function dialog(page: Page): Locator {
  return page.getByRole("dialog");
}

export function menu(page: Page): Locator {
  return page.getByRole("menu");
}

/** Waits for the sentence that says what became of a signal. */
export async function outcome(page: Page, wanted: RegExp): Promise<void> {
  const place = page.locator("#outcome");
  let last = "";
  await until(
    async () => {
      last = await place.innerText();
      return wanted.test(last);
    },
    () => `the outcome is ${wanted}; it is ${JSON.stringify(last)}`,
  );
}

/** What names the element that has the focus. */
export async function focusedLabel(page: Page): Promise<string | null | undefined> {
  return page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
}

/** Where each of them is, in the window. */
export async function boxesOf(place: Locator): Promise<DOMRect[]> {
  return place.evaluateAll((elements) =>
    elements.map((element) => element.getBoundingClientRect().toJSON() as DOMRect),
  );
}

/** Takes the pointer to where there is nothing. */
export async function pointAway(page: Page): Promise<void> {
  await page.mouse.move(1, 1);
}
