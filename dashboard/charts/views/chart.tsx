/** @jsxImportSource hono/jsx */
/**
 * A chart for the browser's script to draw (browser/chart.ts): a title, a legend with one item for
 * each line, and the plot, which is hidden if scripts are off.
 *
 *     <div data-charts="/api/…" data-every="1000">
 *       <Chart title="CPU" unit="percent" lines={[{ series: "cpu", label: "CPU" }]} />
 *     </div>
 *
 * The page is rendered with `charts: true`, which loads /assets/charts.js and charts.css.
 */
import type { Child as Content } from "hono/jsx";
import { useTexts } from "../../http/viewer.tsx";
import { formatUnit, type Unit } from "../units.ts";
import { Time } from "../../views/time.tsx";

export interface Line {
  /** The name of its series in the JSON of the points. */
  series: string;
  label: string;
}

interface Props {
  title: string;
  unit: Unit;
  lines: readonly Line[];
  /**
   * Set for a chart with many lines: only lines above zero are shown, or
   * this text if there are none.
   */
  allZero?: string;
  /** Shown below the plot: a table. */
  children?: Content;
}

export function Chart({ title, unit, lines, allZero, children }: Props) {
  return (
    <figure class="chart" data-unit={unit} {...(allZero !== undefined && { "data-sparse": "" })}>
      <figcaption>
        <h2>{title}</h2> <span class="time" />
      </figcaption>
      <ul class="legend">
        {lines.map(({ series, label }) => (
          <li data-series={series} data-label={label}>
            {label} <b />
          </li>
        ))}
      </ul>
      {allZero !== undefined && <p class="all-zero">{allZero}</p>}
      <div
        class="plot"
        role="slider"
        tabindex={0}
        aria-label={title}
        aria-valuemin={0}
        aria-valuemax={0}
        aria-valuenow={0}
      />
      {children}
    </figure>
  );
}

interface TableProps extends Pick<Props, "unit" | "lines" | "allZero"> {
  /** Unique on the page: the script finds the current version of the table by it. */
  id: string;
  caption: string;
  points: {
    at: readonly number[];
    series: Readonly<Record<string, readonly (number | null)[]>>;
  };
}

/** The chart's values as a table, newest first; collapsed unless scripts are off. */
export function PointTable({ id, caption, unit, lines, allZero, points }: TableProps) {
  const { charts: texts } = useTexts();
  const columns = lines
    .map(({ series, label }) => ({ label, values: points.series[series] ?? [] }))
    .filter(({ values }) => allZero === undefined || values.some((value) => value));
  // The time before the first value is not a gap.
  const isKnown = (index: number) => columns.some(({ values }) => values[index] != null);
  const start = points.at.findIndex((_, index) => isKnown(index));
  const rows = points.at
    .map((at, index) => ({ at, index }))
    .slice(start === -1 ? points.at.length : start)
    .toReversed();
  return (
    <details class="points" id={id}>
      <summary>{texts.table}</summary>
      {rows.length === 0 || columns.length === 0 ? (
        <p>{columns.length === 0 ? allZero : texts.noPoints}</p>
      ) : (
        <div class="figures" role="group" aria-label={caption} tabindex={0}>
          <table>
            <caption>{caption}</caption>
            <thead>
              <tr>
                <th scope="col">{texts.time}</th>
                {columns.map(({ label }) => (
                  <th scope="col">{label}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ at, index }) => (
                <tr>
                  <th scope="row">
                    <Time at={at} />
                  </th>
                  {columns.map(({ values }) => (
                    <td>{formatValue(values[index], unit)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}

function formatValue(value: number | null | undefined, unit: Unit): string {
  return value == null ? "–" : formatUnit(value, unit);
}
