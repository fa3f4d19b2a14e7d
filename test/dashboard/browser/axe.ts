/** Checks a page with axe. */
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const AXE = await Bun.file(Bun.resolveSync("axe-core/axe.min.js", import.meta.dir)).text();

/** Returns each violation as `rule: element`, in both themes. */
export async function violations(page: Page): Promise<string[]> {
  // Evaluated by the browser itself, since the page's policy allows no foreign script.
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

/** Returns by how many pixels the page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}
