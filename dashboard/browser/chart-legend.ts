/** A chart's legend: which lines it lists, and the values that it shows next to them. */
import type uPlot from "uplot";
import { formatTimestamp } from "../../shared/timestamp.ts";
import { formatUnit } from "../charts/units.ts";
import type { ChartParts } from "./chart-options.ts";
import type { Points } from "./points.ts";

/** Lengths in CSS pixels of the dashes and gaps of lines; the first line is solid. */
const DASHES_PX = [[], [6, 3], [2, 2], [10, 3, 2, 3]];

/**
 * Returns a function that shows the values of the point at `index`, with its time, or those
 * of the newest point if `index` is null. Assistive technology gets them as the value of
 * the slider that the plot is.
 */
export function createReadout({ figure, plot, items, unit }: ChartParts) {
  let shown = "";

  return (points: Points, index: number | null): void => {
    const last = points.at.length - 1;
    const position = index ?? last;
    const at = points.at[position];
    const time = at === undefined ? "" : formatTimestamp(at, "seconds");
    const values = items.map((item) => {
      const value = points.series[item.dataset.series ?? ""]?.[position] ?? null;
      return value === null ? "–" : formatUnit(value, unit);
    });
    // A hidden item is left out: its line is nothing but zeros.
    const labelled = items.flatMap((item, i) =>
      item.hidden ? [] : `${item.dataset.label ?? ""} ${values[i] ?? ""}`,
    );
    plot.setAttribute("aria-valuemax", String(Math.max(last, 0)));
    plot.setAttribute("aria-valuenow", String(Math.max(position, 0)));
    const valueText = [time, ...labelled].join(", ");
    const selectedTime = index === null ? "" : time;
    if (valueText + selectedTime === shown) return;
    shown = valueText + selectedTime;
    for (const [i, item] of items.entries()) setText(item.querySelector("b"), values[i] ?? "");
    setText(figure.querySelector(".time"), selectedTime);
    plot.setAttribute("aria-valuetext", valueText);
  };
}

/**
 * Hides the lines that are never above zero, in the plot and in the legend, and marks the
 * figure if all are hidden.
 */
export function hideZeroLines(
  figure: HTMLElement,
  items: readonly HTMLElement[],
  rows: readonly (readonly (number | null)[])[],
  chart: uPlot,
): void {
  let visible = 0;
  for (const [index, item] of items.entries()) {
    const show = rows[index]?.some((value) => value !== null && value > 0) ?? false;
    if (item.hidden === show) chart.setSeries(index + 1, { show }, false);
    item.hidden = !show;
    const series = chart.series[index + 1];
    if (!show || series === undefined) continue;
    const dash = visible % DASHES_PX.length;
    series.dash = DASHES_PX[dash] ?? [];
    item.dataset.dash = String(dash);
    visible += 1;
  }
  figure.toggleAttribute("data-all-zero", visible === 0);
}

function setText(element: Element | null, text: string): void {
  if (element !== null && element.textContent !== text) element.textContent = text;
}
