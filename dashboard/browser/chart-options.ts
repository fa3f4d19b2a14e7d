/** How uPlot draws a chart: its axes and lines, in the colours and the type of the page. */
import type uPlot from "uplot";
import { formatTimestamp } from "../../shared/timestamp.ts";
import { formatUnit, type Unit } from "../charts/units.ts";

/** The elements and settings of a chart's figure. */
export interface ChartParts {
  figure: HTMLElement;
  plot: HTMLElement;
  /** The items of the legend, one for each line. */
  items: readonly HTMLElement[];
  unit: Unit;
  /** Has many lines, most of which are zero throughout. */
  isSparse: boolean;
}

/**
 * The space for the axes, in CSS pixels; the same for all charts, so that their plots are aligned.
 */
const Y_AXIS_WIDTH_PX = 58;
const X_AXIS_HEIGHT_PX = 26;

/** The space to the right of the plot, and the width of a digit on an axis, in CSS pixels. */
const MARGIN_PX = 8;
const DIGIT_WIDTH_PX = 7;

/** Steps between the ticks of an axis that counts things: no fractions. */
const WHOLE_STEPS = [0, 1, 2, 3, 4, 5].flatMap((zeros) =>
  [1, 2, 5].map((step) => step * 10 ** zeros),
);

/** The lowest top of the vertical axis: noise must not look like a peak. */
const MIN_TOP: Record<Unit, number> = { count: 4, rate: 1, ms: 1, percent: 2, bytes: 1e6 };

/** Room above the highest point. */
const HEADROOM = 1.08;

/** `timeRange` returns the time span to show, in ms since the epoch. */
export function chartOptions(
  { plot, items, unit, isSparse }: ChartParts,
  timeRange: () => [from: number, to: number],
  onCursor: (chart: uPlot) => void,
): uPlot.Options {
  return {
    ...sizeOf(plot),
    ms: 1,
    legend: { show: false },
    padding: [8, MARGIN_PX, 0, 0],
    scales: {
      x: { time: true, range: timeRange },
      y: { range: (_, __, max) => [0, Math.max((max ?? 0) * HEADROOM, MIN_TOP[unit])] },
    },
    axes: [timeAxis(plot), valueAxis(plot, unit)],
    series: [{}, ...items.map((item, index) => line(item, index === 0 && !isSparse))],
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { size: 6 },
    },
    hooks: { setCursor: [onCursor] },
  };
}

/** Returns the size of the plot; at least 1 × 1 while it is hidden. */
export function sizeOf(plot: HTMLElement): { width: number; height: number } {
  return { width: Math.max(plot.clientWidth, 1), height: Math.max(plot.clientHeight, 1) };
}

function timeAxis(plot: HTMLElement): uPlot.Axis {
  return {
    ...axisStyle(plot),
    size: X_AXIS_HEIGHT_PX,
    gap: 8,
    space: ({ width }) => (width < 500 ? 50 : 75),
    grid: { show: false },
    values: (chart, splits, __, ___, stepMs) =>
      splits.map((at) => {
        const text = formatTick(at, stepMs);
        const room = chart.width - Y_AXIS_WIDTH_PX - chart.valToPos(at, "x");
        return (text.length * DIGIT_WIDTH_PX) / 2 < room ? text : "";
      }),
  };
}

function valueAxis(plot: HTMLElement, unit: Unit): uPlot.Axis {
  return {
    ...axisStyle(plot),
    size: Y_AXIS_WIDTH_PX,
    gap: 6,
    space: ({ height }) => Math.max(28, height / 8),
    grid: { stroke: () => getComputedStyle(plot).borderTopColor, width: 1 },
    ...(unit === "count" ? { incrs: WHOLE_STEPS } : {}),
    values: (_, splits) => splits.map((value) => formatUnit(value, unit)),
  };
}

function axisStyle(plot: HTMLElement): uPlot.Axis {
  const { fontSize, fontFamily } = getComputedStyle(plot);
  return {
    stroke: () => getComputedStyle(plot).color,
    ticks: { show: false },
    font: `${fontSize} ${fontFamily}`,
  };
}

/**
 * Lines differ in more than colour: the first is an area, and a chart with many lines has dashes.
 */
function line(item: HTMLElement, isArea: boolean): uPlot.Series {
  const colour = () => getComputedStyle(item).color;
  return {
    stroke: colour,
    width: 1.5,
    ...(isArea ? { fill: () => `color-mix(in srgb, ${colour()} 14%, transparent)` } : {}),
    points: { show: true, size: 4, fill: colour, filter: isolatedPoints },
  };
}

/** Points with a gap on both sides: no line would show them, so they are drawn as dots. */
function isolatedPoints(chart: uPlot, index: number): number[] {
  const row = chart.data[index] ?? [];
  const isGap = (at: number) => row[at] == null;
  return [...row.keys()].filter((at) => !isGap(at) && isGap(at - 1) && isGap(at + 1));
}

/** `22:04`, or with seconds if the ticks are less than a minute apart. */
function formatTick(at: number, stepMs: number): string {
  const time = formatTimestamp(at, "seconds");
  return stepMs % 60_000 === 0 ? time.slice(0, 5) : time;
}
