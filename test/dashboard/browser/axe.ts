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

/**
 * Returns each violation as `theme rule: element`. With an overlay, a CSS selector, only its contrast is
 * checked: for a menu or question above a page whose contrast has been checked without it.
 */
export async function violations(
  page: Page,
  scope: Scope = "both themes",
  overlay?: string,
): Promise<string[]> {
  // Evaluated by the browser itself, since the page's policy allows no foreign script.
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(AXE);
  const hasContrast = scope !== "no contrast";
  const onPage = { enabled: hasContrast && overlay === undefined };
  const found = await findViolations(page, { rules: { "color-contrast": onPage } });
  const addContrast = async () =>
    found.push(...(await findViolations(page, { runOnly: ["color-contrast"] }, overlay)));
  if (hasContrast && overlay !== undefined) await addContrast();
  if (scope !== "both themes") return found;
  // Each change of theme redraws the page, so the next check starts in this one.
  const isDark = await isShownDark(page);
  await page.emulateMedia({ colorScheme: isDark ? "light" : "dark" });
  await addContrast();
  return found;
}

async function findViolations(page: Page, options: RunOptions, place = "html"): Promise<string[]> {
  const run = { resultTypes: ["violations"], preload: false, ...options };
  const found: AxeResults = await page.evaluate(
    `axe.run(${JSON.stringify(place)}, ${JSON.stringify(run)})`,
  );
  const theme = found.violations.length > 0 && (await isShownDark(page)) ? "dark" : "light";
  return found.violations.map(
    ({ id, nodes }) => `${theme} ${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`,
  );
}

function isShownDark(page: Page): Promise<boolean> {
  return page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches);
}

/** A phone's and a desktop's. */
const NARROW_PX = 390;
const WIDE_PX = 1440;

export interface State {
  scope?: "both themes" | "no contrast";
  /** Prepares each layout, or waits for what has to be there. */
  arrange?: () => Promise<unknown>;
  /** What is above the page, as in `violations`; it is waited for. */
  overlay?: string;
}

/**
 * Returns what is wrong with the page in this state, in one load: violations, and how much it scrolls
 * sideways. It is checked narrow and dark, then wide in both themes, and ends narrow and dark.
 */
export async function flaws(
  page: Page,
  { scope = "both themes", arrange, overlay }: State = {},
): Promise<string[]> {
  const narrow = { width: NARROW_PX, colorScheme: "dark", scope: "one theme" } as const;
  const wide = { width: WIDE_PX, colorScheme: "light", scope: "both themes" } as const;
  const found: string[] = [];
  for (const layout of [narrow, wide]) {
    const { width, colorScheme } = layout;
    await page.setViewportSize({ width, height: 900 });
    if (scope === "both themes") await page.emulateMedia({ colorScheme });
    await arrange?.();
    if (overlay !== undefined) await page.locator(overlay).waitFor();
    const here = await violations(page, scope === "no contrast" ? scope : layout.scope, overlay);
    const excess = await overflow(page);
    if (excess > 0) here.push(`${excess} px wider than its window`);
    found.push(...here.map((flaw) => `${width} px: ${flaw}`));
  }
  await page.setViewportSize({ width: NARROW_PX, height: 900 });
  return found;
}

/** Returns by how many pixels the page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}
