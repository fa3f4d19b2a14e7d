/** Checks a page with axe. */
import type { AxeResults, RunOptions } from "axe-core";
import type { Page } from "playwright-core";

const AXE = await Bun.file(Bun.resolveSync("axe-core/axe.min.js", import.meta.dir)).text();

/**
 * What is checked. Apart from contrast, no rule depends on the theme; and contrast depends neither on
 * the language nor, as every width uses the same colours, on both a width and a theme:
 * - "both themes": every rule in one theme, and contrast in the other.
 * - "one theme": every rule in the theme shown. For a state that is checked in both at another width.
 * - "no contrast": every other rule. For a state that is checked in both themes in another language.
 */
export type Scope = "both themes" | "one theme" | "no contrast";

/** Returns each violation as `theme rule: element`. */
export async function violations(page: Page, scope: Scope = "both themes"): Promise<string[]> {
  // Evaluated by the browser itself, since the page's policy allows no foreign script.
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(AXE);
  const contrast = { enabled: scope !== "no contrast" };
  const found = await findViolations(page, { rules: { "color-contrast": contrast } });
  if (scope !== "both themes") return found;
  // Each change of theme redraws the page, so the next check starts in this one.
  const isDark = await isShownDark(page);
  await page.emulateMedia({ colorScheme: isDark ? "light" : "dark" });
  return [...found, ...(await findViolations(page, { runOnly: ["color-contrast"] }))];
}

async function findViolations(page: Page, options: RunOptions): Promise<string[]> {
  const run = { resultTypes: ["violations"], preload: false, ...options };
  const found: AxeResults = await page.evaluate(`axe.run(${JSON.stringify(run)})`);
  const theme = found.violations.length > 0 && (await isShownDark(page)) ? "dark" : "light";
  return found.violations.map(
    ({ id, nodes }) => `${theme} ${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`,
  );
}

function isShownDark(page: Page): Promise<boolean> {
  return page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches);
}

/** Returns by how many pixels the page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}
