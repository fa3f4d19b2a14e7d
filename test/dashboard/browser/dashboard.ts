/** Finds things on the page the way a viewer does. */
import type { Locator, Page } from "playwright-core";
import { until, untilEqual } from "../../harness/until.ts";
import type { ServedClient } from "../../harness/served-client.ts";

/** What the browser and htmx write to the console when the server goes away. */
export const SERVER_AWAY = /^Failed to load resource: net::ERR_|^htmx: htmx:(sse:)?error: /;

/** What identifies a child on the page. */
export type Subject = Pick<ServedClient, "id">;

/** Waits until the page shows this state of its stream. */
export async function untilState(
  page: Page,
  state: "live" | "reconnecting" | "paused",
): Promise<void> {
  await page.locator(`#live[data-state="${state}"]`).waitFor();
  await untilEqual(() => page.locator("#live").innerText(), state);
}

export function rowOf(page: Page, { id }: Subject): Locator {
  return page.locator(`#row-${id}`);
}

/** Returns the PIDs of all rows in the order on the page, including ended children. */
export async function rowPids(page: Page): Promise<number[]> {
  return (await page.locator("#rows > tr > th").allInnerTexts()).map(Number);
}

/**
 * Returns the PIDs in the order that the server sent last, whether the page shows it yet or not.
 */
export async function orderReceived(page: Page): Promise<string> {
  return page.locator("#rows").evaluate((rows) => rows.dataset.order ?? "");
}

export async function treeLines(page: Page): Promise<string[]> {
  return page.locator("#tree code").allInnerTexts();
}

/** Returns the end of the tree's only line: what is below the ancestors. */
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

/** Waits for the outcome of a signal, and returns it. */
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

/** Returns what identifies the element with the focus. */
export async function focusedLabel(page: Page): Promise<string | null | undefined> {
  return page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
}

/** Returns the position of each element in the window. */
export async function boxesOf(place: Locator): Promise<DOMRect[]> {
  return place.evaluateAll((elements) =>
    elements.map((element) => element.getBoundingClientRect().toJSON() as DOMRect),
  );
}

/** Moves the pointer to an empty part of the page. */
export async function pointAway(page: Page): Promise<void> {
  await page.mouse.move(1, 1);
}
