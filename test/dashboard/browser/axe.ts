/** What axe finds wrong with a page. */
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const AXE = await Bun.file(Bun.resolveSync("axe-core/axe.min.js", import.meta.dir)).text();

/** Each as `rule: where`; the colours of the dark theme, too. */
export async function violations(page: Page): Promise<string[]> {
  // As the browser's own: the page's policy allows no script of others.
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(AXE);
  await page.emulateMedia({ colorScheme: "light" });
  const inLight = await findViolations(
    page,
    "axe.run({ resultTypes: ['violations'], preload: false })",
  );
  await page.emulateMedia({ colorScheme: "dark" });
  const inDark = await findViolations(
    page,
    "axe.run({ runOnly: ['color-contrast'], preload: false })",
  );
  return [...inLight, ...inDark.map((violation) => `dark ${violation}`)];
}

async function findViolations(page: Page, run: string): Promise<string[]> {
  const found: AxeResults = await page.evaluate(run);
  return found.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`,
  );
}

/** How far (px) the page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}
