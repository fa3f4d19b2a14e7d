/** @jsxImportSource hono/jsx */
/**
 * The README's picture of the figures: two panels of bars, as SVG. It contains both themes, because
 * GitHub shows it as an image, which knows the viewer's theme but not GitHub's styles.
 */
import { FORKING } from "./contestants.ts";
import type { BurstResults } from "./sections/burst.ts";
import type { PacedResults } from "./sections/paced.ts";
import { figure } from "./table.ts";

const WIDTH = 840;
const NAMES_WIDTH = 200;
const PANEL_WIDTH = (WIDTH - NAMES_WIDTH) / 2;
const MAX_BAR_WIDTH = PANEL_WIDTH - 90; // leaves room for the value after the bar
const TOP = 64;
const ROW_HEIGHT = 34;
const BAR_HEIGHT = 20;

const STYLE = `
  text { font: 14px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600 }
  .note { font-size: 12px; fill: #59636e }
  .bar { fill: #8c959f }
  .own { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .note { fill: #9198a1 }
    .bar { fill: #656c76 }
    .own { fill: #4493f8 }
  }
`;

interface Panel {
  title: string;
  note: string;
  /** In the order of the contestants. */
  values: readonly number[];
}

/**
 * Draws the contestants with a process per client: the single process would dwarf every other bar.
 */
export function drawChart(paced: PacedResults, burst: BurstResults): string {
  const names = FORKING.map(({ name }) => name);
  const panels = [
    {
      title: "Connect to first reply, ms",
      note: "one client at a time, median; less is better",
      values: names.map((name) => paced[name]?.median ?? 0),
    },
    {
      title: "Clients per second",
      note: "16 at a time, connect to end, median; more is better",
      values: names.map((name) => burst["16"]?.[name]?.median ?? 0),
    },
  ];
  return `${(<Chart names={names} panels={panels} />)}\n`;
}

function Chart({ names, panels }: { names: readonly string[]; panels: readonly Panel[] }) {
  const height = TOP + names.length * ROW_HEIGHT + 4;
  return (
    <svg
      xmlns="http://www.w3.org/2000/svg"
      viewBox={`0 0 ${WIDTH} ${height}`}
      width={WIDTH}
      height={height}
      role="img"
      aria-label={describe(names, panels)}
    >
      <style>{STYLE}</style>
      {names.map((name, row) => (
        <text
          x={NAMES_WIDTH - 12}
          y={middle(row)}
          text-anchor="end"
          class={isOwn(name) ? "title" : ""}
        >
          {name}
        </text>
      ))}
      {panels.map((panel, column) => (
        <Bars names={names} panel={panel} left={NAMES_WIDTH + column * PANEL_WIDTH} />
      ))}
    </svg>
  );
}

function Bars({ names, panel, left }: { names: readonly string[]; panel: Panel; left: number }) {
  const max = Math.max(...panel.values);
  return (
    <g>
      <text x={left} y={22} class="title">
        {panel.title}
      </text>
      <text x={left} y={42} class="note">
        {panel.note}
      </text>
      {panel.values.map((value, row) => {
        const length = Math.max(1, (value / max) * MAX_BAR_WIDTH);
        return (
          <>
            <rect
              x={left}
              y={TOP + row * ROW_HEIGHT}
              width={length.toFixed(1)}
              height={BAR_HEIGHT}
              rx="2"
              class={isOwn(names[row] ?? "") ? "own" : "bar"}
            />
            <text x={(left + length + 6).toFixed(1)} y={middle(row)}>
              {figure(value)}
            </text>
          </>
        );
      })}
    </g>
  );
}

/** The baseline of a row's text. */
function middle(row: number): number {
  return TOP + row * ROW_HEIGHT + BAR_HEIGHT / 2 + 5;
}

function isOwn(name: string): boolean {
  return name.startsWith("brood");
}

/** The picture in words, for screen readers. */
function describe(names: readonly string[], panels: readonly Panel[]): string {
  const list = (panel: Panel) =>
    names.map((name, row) => `${name} ${figure(panel.values[row] ?? 0)}`).join(", ");
  return panels.map((panel) => `${panel.title}: ${list(panel)}`).join(". ");
}
