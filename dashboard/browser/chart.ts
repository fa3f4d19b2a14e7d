/**
 * One chart, drawn by uPlot into a figure that the server rendered (charts/views/chart.tsx):
 *
 *     <figure class="chart" data-unit="ms">
 *       <ul class="legend"><li data-series="p50">p50 <b></b></li> …</ul>
 *       <div class="plot" role="slider" tabindex="0" …></div>
 *     </figure>
 *
 * Each item of the legend has a line in that item's colour. The legend shows the values of
 * the point under the pointer, or of the one selected with the arrow keys or in another
 * chart, or otherwise of the newest.
 */
import uPlot from "uplot";
import { UNITS } from "../charts/units.ts";
import { createReadout, hideZeroLines } from "./chart-legend.ts";
import { type ChartParts, chartOptions, sizeOf } from "./chart-options.ts";
import type { Points } from "./points.ts";

export interface Chart {
  update(points: Points): void;
  /** Puts the crosshair on the point at that time; null removes it. */
  select(at: number | null): void;
}

/** Left of the plot, where uPlot hides the crosshair. */
const OFF_PLOT_PX = -10;

/**
 * Draws into a figure; nothing is visible before the first `update`. Calls `onSelect` with the time
 * of the point that the viewer selects in this chart, and with null when none is selected any more.
 */
export function drawChart(
  figure: HTMLElement,
  onSelect: (at: number | null) => void = () => {},
): Chart {
  const parts = findParts(figure);
  const { plot, items, isSparse } = parts;
  const showReadout = createReadout(parts);
  let points: Points = { at: [], series: {}, from: 0, to: 1 };
  /**
   * The point selected by a key or in another chart, by its time, since indexes shift;
   * null: the pointer decides.
   */
  let selectedAt: number | null = null;

  const options = chartOptions(parts, () => [points.from, points.to], handlePointer);
  const chart = new uPlot(options, [[], ...items.map(() => [])], plot);

  /**
   * uPlot calls this at each update too, when a point that was selected
   * otherwise must stay selected.
   */
  function handlePointer({ cursor }: uPlot): void {
    if (selectedAt !== null) return;
    showReadout(points, cursor.idx ?? null);
    onSelect(cursor.idx == null ? null : (points.at[cursor.idx] ?? null));
  }

  function select(at: number | null): void {
    selectedAt = at;
    const time = at === null ? undefined : points.at[indexAt(points.at, at)];
    const left = time === undefined ? OFF_PLOT_PX : chart.valToPos(time, "x");
    chart.setCursor({ left, top: time === undefined ? OFF_PLOT_PX : 0 }, false);
    showReadout(points, chart.cursor.idx ?? null);
  }

  function selectHere(at: number | null): void {
    select(at);
    onSelect(at);
  }

  plot.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const last = points.at.length - 1;
    const index = selectedAt === null ? last : indexAt(points.at, selectedAt);
    const next = nextIndex(event.key, index, last);
    if (next === undefined) return;
    event.preventDefault();
    selectHere(next === null ? null : (points.at[next] ?? null));
  });
  // A screen reader may announce every change of the value, so with keyboard focus it
  // is that of a fixed point.
  plot.addEventListener("focus", () => {
    if (plot.matches(":focus-visible")) selectHere(points.at.at(-1) ?? null);
  });
  plot.addEventListener("blur", () => selectHere(null));
  // The pointer takes over from the keys.
  plot.addEventListener("pointermove", () => void (selectedAt = null));
  new ResizeObserver(() => chart.setSize(sizeOf(plot))).observe(plot);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => chart.redraw(false));

  return {
    update(next) {
      points = next;
      const rows = items.map((item) => next.series[item.dataset.series ?? ""] ?? []);
      if (isSparse) chart.batch(() => hideZeroLines(figure, items, rows, chart));
      // In a batch, so that the points have their positions before the crosshair is put on one.
      chart.batch(() => chart.setData([[...next.at], ...rows.map((row) => [...row])]));
      if (selectedAt !== null) select(selectedAt);
      showReadout(points, chart.cursor.idx ?? null);
    },
    select,
  };
}

function findParts(figure: HTMLElement): ChartParts {
  const plot = figure.querySelector<HTMLElement>(".plot");
  if (plot === null) throw new Error("a chart without a .plot");
  return {
    figure,
    plot,
    items: [...figure.querySelectorAll<HTMLElement>("[data-series]")],
    unit: UNITS.find((unit) => unit === figure.dataset.unit) ?? "count",
    isSparse: "sparse" in figure.dataset,
  };
}

/**
 * Returns the index of the newest point that is not newer than `at`; the oldest point if all are.
 */
function indexAt(times: readonly number[], at: number): number {
  return Math.max(
    times.findLastIndex((time) => time <= at),
    0,
  );
}

/** Returns where a key moves the crosshair: null removes it, undefined leaves it as it is. */
function nextIndex(key: string, index: number, last: number): number | null | undefined {
  const next = {
    ArrowLeft: index - 1,
    ArrowDown: index - 1,
    ArrowRight: index + 1,
    ArrowUp: index + 1,
    PageDown: index - 10,
    PageUp: index + 10,
    Home: 0,
    End: last,
  }[key];
  if (next === undefined) return key === "Escape" ? null : undefined;
  return Math.min(Math.max(next, 0), last);
}
