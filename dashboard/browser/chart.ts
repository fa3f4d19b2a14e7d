/**
 * One chart, drawn by uPlot into a figure that the server rendered (views/chart.tsx):
 *
 *     <figure class="chart" data-unit="ms">
 *       <ul class="legend"><li data-series="p50">p50 <b></b></li> …</ul>
 *       <div class="plot" role="slider" tabindex="0" …></div>
 *     </figure>
 *
 * There is a line for each item of the legend, in that item's colour. The legend says the values of
 * the point under the pointer, or of the one chosen by the arrow keys, or else of the newest.
 */
import uPlot from "uplot";
import { formatTimestamp } from "../../shared/timestamp.ts";
import { formatUnit, type Unit, UNITS } from "../charts/units.ts";

/** What a chart shows. Times in ms since the epoch, ascending; null: not known, a gap in the line. */
export interface Points {
  at: readonly number[];
  series: Readonly<Record<string, readonly (number | null)[]>>;
  /** The time shown, however few points there are in it. */
  from: number;
  to: number;
}

export interface Chart {
  update(points: Points): void;
  /** Puts the crosshair on the point of that time; null takes it away. */
  point(at: number | null): void;
}

/** Room (CSS pixels) for the figures of the vertical axis, so that charts stand in line. */
const AXIS_WIDTH = 58;
const AXIS_HEIGHT = 26;

/** What is beside the plot on its right, and the width of a digit of an axis, in CSS pixels. */
const MARGIN = 8;
const DIGIT = 7;

/** Steps between the figures of an axis of things that come in ones. */
const WHOLE = [0, 1, 2, 3, 4, 5].flatMap((zeros) => [1, 2, 5].map((step) => step * 10 ** zeros));

/** Lengths (CSS pixels) of dashes and the gaps between them. */
const DASHES = [[], [6, 3], [2, 2], [10, 3, 2, 3]];

/**
 * Draws into such a figure; nothing is seen before the first `update`. Calls `pointed` with the time
 * of the point that the reader chooses, null when it is none any more.
 */
export function drawChart(
  figure: HTMLElement,
  pointed: (at: number | null) => void = () => {},
): Chart {
  const unit = UNITS.find((unit) => unit === figure.dataset.unit) ?? "count";
  const items = [...figure.querySelectorAll<HTMLElement>("[data-series]")];
  const plot = figure.querySelector<HTMLElement>(".plot");
  if (plot === null) throw new Error("a chart without a place to draw");
  const target = plot;
  const isSparse = "sparse" in figure.dataset;
  let points: Points = { at: [], series: {}, from: 0, to: 1 };
  /** The point that was chosen by a key, or in another chart, by its time: others come and go beside it. */
  let chosen: number | null = null;
  let shown = "";

  const chart = new uPlot(options(), [[], ...items.map(() => [])], target);

  function options(): uPlot.Options {
    const size = sizeOf(target);
    const quiet = () => getComputedStyle(target).color;
    const line = () => getComputedStyle(target).borderTopColor;
    const axis = { stroke: quiet, ticks: { show: false }, font: fontOf(target) };
    return {
      ...size,
      ms: 1,
      legend: { show: false },
      padding: [8, MARGIN, 0, 0],
      scales: {
        x: { time: true, range: () => [points.from, points.to] },
        y: { range: (_, __, max) => [0, highest(max, unit)] },
      },
      axes: [
        {
          ...axis,
          size: AXIS_HEIGHT,
          gap: 8,
          space: ({ width }) => (width < 500 ? 50 : 75),
          grid: { show: false },
          values: (drawn, splits, __, ___, step) =>
            splits.map((at) => {
              const text = showAxis(at, step);
              const room = drawn.width - AXIS_WIDTH - drawn.valToPos(at, "x");
              return (text.length * DIGIT) / 2 < room ? text : "";
            }),
        },
        {
          ...axis,
          size: AXIS_WIDTH,
          gap: 6,
          space: ({ height }) => Math.max(28, height / 8),
          grid: { stroke: line, width: 1 },
          ...(unit === "count" ? { incrs: WHOLE } : {}),
          values: (_, splits) => splits.map((value) => formatUnit(value, unit)),
        },
      ],
      series: [
        {},
        ...items.map((item, index) => ({
          stroke: () => colourOf(item),
          width: 1.5,
          // They are told apart not by colour alone: the first is an area; where there are many, dashes.
          ...(index === 0 && !isSparse ? { fill: () => faint(colourOf(item)) } : {}),
          points: { show: true, size: 4, fill: () => colourOf(item), filter: isolated },
        })),
      ],
      cursor: {
        y: false,
        drag: { x: false, y: false },
        points: { size: 6 },
      },
      hooks: { setCursor: [byPointer] },
    };
  }

  /** Called at each update, too: what was chosen otherwise stays chosen. */
  function byPointer({ cursor }: uPlot): void {
    if (chosen !== null) return;
    tell();
    pointed(cursor.idx == null ? null : (points.at[cursor.idx] ?? null));
  }

  /** Says the values of the point under the cursor, or else of the newest. */
  function tell(): void {
    const { cursor } = chart;
    const last = points.at.length - 1;
    const index = cursor.idx ?? last;
    const at = points.at[index];
    const values = items.map((item) => {
      const value = points.series[item.dataset.series ?? ""]?.[index] ?? null;
      return value === null ? "–" : formatUnit(value, unit);
    });
    const when = at === undefined ? "" : formatTimestamp(at, "seconds");
    // A hidden item is no part of what is said; its line is nothing but zeros.
    const text = items.flatMap((item, i) =>
      item.hidden ? [] : `${item.dataset.label ?? ""} ${values[i] ?? ""}`,
    );
    target.setAttribute("aria-valuemax", String(Math.max(last, 0)));
    target.setAttribute("aria-valuenow", String(Math.max(index, 0)));
    const now = [when, ...text].join(", ");
    const chosenOne = cursor.idx == null ? "" : when;
    if (now + chosenOne === shown) return;
    shown = now + chosenOne;
    for (const [i, item] of items.entries()) setText(item.querySelector("b"), values[i] ?? "");
    setText(figure.querySelector(".time"), chosenOne);
    target.setAttribute("aria-valuetext", now);
  }

  function point(at: number | null): void {
    chosen = at;
    const index = at === null ? -1 : indexOf(at);
    const place = points.at[index];
    const left = place === undefined ? -10 : chart.valToPos(place, "x");
    chart.setCursor({ left, top: place === undefined ? -10 : 0 }, false);
    tell();
  }

  function choose(at: number | null): void {
    point(at);
    pointed(at);
  }

  /** The newest, if none is chosen; one that is no longer there is the oldest. */
  function indexOf(at: number | null): number {
    const last = points.at.length - 1;
    return at === null
      ? last
      : Math.max(
          points.at.findLastIndex((time) => time <= at),
          0,
        );
  }

  target.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const to = step(event.key, indexOf(chosen), points.at.length - 1);
    if (to === undefined) return;
    event.preventDefault();
    choose(to === null ? null : (points.at[to] ?? null));
  });
  // Who came by the keyboard may hear its value at each change: it is that of one point until they move.
  target.addEventListener("focus", () => {
    if (target.matches(":focus-visible")) choose(points.at.at(-1) ?? null);
  });
  target.addEventListener("blur", () => choose(null));
  // The pointer takes over from the keys.
  target.addEventListener("pointermove", () => void (chosen = null));
  new ResizeObserver(() => chart.setSize(sizeOf(target))).observe(target);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => chart.redraw(false));

  return {
    update(next) {
      points = next;
      const rows = items.map((item) => next.series[item.dataset.series ?? ""] ?? []);
      if (isSparse) chart.batch(() => hideZeros(figure, items, rows, chart));
      // At once, so that a point has its place when the crosshair is put on it.
      chart.batch(() => chart.setData([[...next.at], ...rows.map((row) => [...row])]));
      if (chosen !== null) point(chosen);
      tell();
    },
    point,
  };
}

/** Points with a gap on both sides, which would not be seen as a line: those are drawn as points. */
function isolated(u: uPlot, index: number): number[] {
  const row = u.data[index] ?? [];
  const gap = (at: number) => row[at] == null;
  return [...row.keys()].filter((at) => !gap(at) && gap(at - 1) && gap(at + 1));
}

/** Where a key moves the crosshair; undefined if it does not, null if it takes it away. */
function step(key: string, index: number, last: number): number | null | undefined {
  const to = {
    ArrowLeft: index - 1,
    ArrowDown: index - 1,
    ArrowRight: index + 1,
    ArrowUp: index + 1,
    PageDown: index - 10,
    PageUp: index + 10,
    Home: 0,
    End: last,
  }[key];
  if (to === undefined) return key === "Escape" ? null : undefined;
  return Math.min(Math.max(to, 0), last);
}

/** Of many lines those that never rise are left out of the legend, and the figure says if none does. */
function hideZeros(
  figure: HTMLElement,
  items: readonly HTMLElement[],
  rows: readonly (readonly (number | null)[])[],
  chart: uPlot,
): void {
  let seen = 0;
  for (const [index, item] of items.entries()) {
    const show = rows[index]?.some((value) => value !== null && value > 0) ?? false;
    if (item.hidden === show) chart.setSeries(index + 1, { show }, false);
    item.hidden = !show;
    const series = chart.series[index + 1];
    if (!show || series === undefined) continue;
    const dash = seen % DASHES.length;
    series.dash = DASHES[dash] ?? [];
    item.dataset.dash = String(dash);
    seen += 1;
  }
  figure.toggleAttribute("data-all-zero", seen === 0);
}

/** The top of the vertical axis: a little above all, and never so low that noise looks like a peak. */
function highest(max: number | null, unit: Unit): number {
  const least = { count: 4, rate: 1, ms: 1, percent: 2, bytes: 1e6 }[unit];
  return Math.max((max ?? 0) * 1.08, least);
}

function sizeOf(target: HTMLElement): { width: number; height: number } {
  return { width: Math.max(target.clientWidth, 1), height: Math.max(target.clientHeight, 1) };
}

function colourOf(item: HTMLElement): string {
  return getComputedStyle(item).color;
}

function faint(colour: string): string {
  return `color-mix(in srgb, ${colour} 14%, transparent)`;
}

/** The page's own small type. */
function fontOf(target: HTMLElement): string {
  const { fontSize, fontFamily } = getComputedStyle(target);
  return `${fontSize} ${fontFamily}`;
}

/** `22:04`, or with seconds where an axis is finer than that; `step`: what is between two of it (ms). */
function showAxis(at: number, step: number): string {
  const time = formatTimestamp(at, "seconds");
  return step % 60_000 === 0 ? time.slice(0, 5) : time;
}

function setText(element: Element | null, text: string): void {
  if (element !== null && element.textContent !== text) element.textContent = text;
}
