/** @jsxImportSource hono/jsx */
/**
 * A chart, as the browser's script draws it (browser/chart.ts): what it is of, a legend with one item
 * for each line, and the place to draw in, which is hidden where there is no script.
 *
 *     <div data-charts="/api/…" data-every="1000">
 *       <Chart title="CPU" unit="percent" lines={[{ series: "cpu", label: "CPU" }]} />
 *     </div>
 *
 * The page is rendered with `charts: true`, which loads /assets/charts.js and charts.css.
 */
import type { Child } from "hono/jsx";
import type { Unit } from "../units.ts";

export interface Line {
  /** Its name in the JSON of the points. */
  series: string;
  label: string;
}

interface Props {
  title: string;
  unit: Unit;
  lines: readonly Line[];
  /** Of many lines only those are shown that are ever above zero; this is said if there is none. */
  allZero?: string;
  /** What stands below: a table. */
  children?: Child;
}

export function Chart({ title, unit, lines, allZero, children }: Props) {
  return (
    <figure class="chart" data-unit={unit} {...(allZero !== undefined && { "data-sparse": "" })}>
      <figcaption>
        <h2>{title}</h2> <time />
      </figcaption>
      <ul class="legend">
        {lines.map(({ series, label }) => (
          <li data-series={series} data-label={label}>
            {label} <b />
          </li>
        ))}
      </ul>
      {allZero !== undefined && <p class="zero">{allZero}</p>}
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
