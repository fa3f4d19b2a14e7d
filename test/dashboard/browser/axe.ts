/** Checks a page with axe. */
import type { AxeResults, RunOptions } from "axe-core";
import type { Page } from "playwright-core";

const AXE = await Bun.file(Bun.resolveSync("axe-core/axe.min.js", import.meta.dir)).text();

/**
 * What is checked. Apart from contrast, no rule depends on the theme; and contrast depends neither
 * on the language nor, as every width uses the same colours, on both a width and a theme:
 * - "both themes": every rule in one theme, and contrast in the other.
 * - "one theme": every rule in the theme shown. For a state that is checked
 *   in both at another width.
 * - "no contrast": every other rule. For a state that is checked in both
 *   themes in another language.
 */
export type Scope = "both themes" | "one theme" | "no contrast";

/**
 * Returns each violation as `theme rule: element`. With an overlay, a CSS selector,
 * only its contrast is checked: for a menu or question above a page whose contrast
 * has been checked without it.
 */
export async function violations(
  page: Page,
  scope: Scope = "both themes",
  overlay?: string,
): Promise<string[]> {
  // Evaluated by the browser itself, since the page's policy allows no foreign script.
  if (!(await page.evaluate("'axe' in globalThis"))) {
    await page.evaluate(AXE);
    await page.evaluate(checkContrastOncePerLook);
  }
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

/** The parts of axe that are not in its types. */
interface Audit {
  rules: {
    id: string;
    run: (this: unknown, ...rest: unknown[]) => unknown;
    matches: (this: unknown, node: Element, ...rest: unknown[]) => boolean;
  }[];
  checks: Record<
    string,
    { evaluate: (this: unknown, node: Element, ...rest: unknown[]) => unknown }
  >;
}

/**
 * Runs in the browser. Makes axe skip the contrast of a text once it has found that of another one
 * sufficient that looks the same: in its colour and font, and in what is behind the elements around
 * it. Most texts are in rows like others, or were there before the page changed, and contrast is
 * two thirds of axe's work.
 */
function checkContrastOncePerLook(): void {
  const TEXT = "color font-size font-weight text-shadow visibility".split(" ");
  const BACKGROUND = "background-color background-image opacity position filter".split(" ");
  /** A number for each look, and for each combination of what surrounds one. */
  const numbers = new Map<string, number>();
  const sufficient = new Set<number>();
  /** In the current run; a change of theme or state changes what surrounds an element. */
  const surroundings = new Map<Element, number>();

  const numberOf = (text: string): number => {
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    return number;
  };
  const surroundingsOf = (element: Element | null): number => {
    if (element === null) return 0;
    const known = surroundings.get(element);
    if (known !== undefined) return known;
    const style = getComputedStyle(element);
    const values = BACKGROUND.map((name) => style.getPropertyValue(name)).join(";");
    const number = numberOf(
      `${surroundingsOf(element.parentElement)} ${element.localName} ${values}`,
    );
    surroundings.set(element, number);
    return number;
  };
  /** As axe does: everything else has no text of its own. */
  const hasText = (element: Element): boolean =>
    element.matches("input, select, textarea") ||
    [...element.childNodes].some((node) => node instanceof Text && node.data.trim() !== "");
  const lookOf = (element: Element): number => {
    const style = getComputedStyle(element);
    const values = TEXT.map((name) => style.getPropertyValue(name)).join(";");
    return numberOf(`${surroundingsOf(element)} ${values}`);
  };

  const { rules, checks } = (globalThis as unknown as { axe: { _audit: Audit } }).axe._audit;
  const rule = rules.find(({ id }) => id === "color-contrast");
  const check = checks["color-contrast"];
  if (rule === undefined || check === undefined) throw new Error("axe has no rule for contrast");
  const { run, matches } = rule;
  const { evaluate } = check;
  rule.run = function (...rest) {
    surroundings.clear();
    return run.apply(this, rest);
  };
  rule.matches = function (node, ...rest) {
    return hasText(node) && !sufficient.has(lookOf(node)) && matches.call(this, node, ...rest);
  };
  check.evaluate = function (node, ...rest) {
    const look = lookOf(node);
    if (sufficient.has(look)) return true;
    const result = evaluate.call(this, node, ...rest);
    // What axe cannot determine here it may be able to elsewhere.
    if (result === true) sufficient.add(look);
    return result;
  };
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
 * Returns what is wrong with the page in this state, in one load: violations, and how much it
 * scrolls sideways. It is checked at the width shown and at the other one, wide in both themes, and
 * left at the other one in the other theme: the next state is then reached and checked from there.
 */
export async function flaws(
  page: Page,
  { scope = "both themes", arrange, overlay }: State = {},
): Promise<string[]> {
  const isNarrow = page.viewportSize()?.width === NARROW_PX;
  const widths = isNarrow ? [NARROW_PX, WIDE_PX] : [WIDE_PX, NARROW_PX];
  const found: string[] = [];
  for (const [index, width] of widths.entries()) {
    if (index > 0) await page.setViewportSize({ width, height: 900 });
    await arrange?.();
    if (overlay !== undefined) await page.locator(overlay).waitFor();
    const isPart = scope === "both themes" && width === NARROW_PX;
    const here = await violations(page, isPart ? "one theme" : scope, overlay);
    const excess = await overflow(page);
    if (excess > 0) here.push(`${excess} px wider than its window`);
    found.push(...here.map((flaw) => `${width} px: ${flaw}`));
  }
  return found;
}

/** Returns by how many pixels the page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}
