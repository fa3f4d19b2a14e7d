/** @jsxImportSource hono/jsx */
/** The page of charts. Each has a table of the same figures: for who cannot see it, and without a script. */
import { useTexts } from "../../http/viewer.tsx";
import { REFUSAL_SERIES, type Range, RANGES, type Series } from "../series.ts";
import type { Texts } from "../../texts/en.ts";
import type { Unit } from "../units.ts";
import { Chart, type Line, PointTable } from "./chart.tsx";
import { Header } from "../../views/header.tsx";

/** How often (ms) new points are asked for: as often as there are any worth it. */
const EVERY: Record<Range, number> = { "5m": 1000, "1h": 10_000, "1d": 60_000 };

interface Props {
  range: Range;
  table: ReturnType<Series["table"]>;
}

export function ChartsPage({ range, table }: Props) {
  const { charts: texts } = useTexts();
  return (
    <>
      <Header current="charts" />
      <main
        class="charts"
        data-charts={`/api/series?range=${range}`}
        data-every={EVERY[range]}
        data-state="connecting"
      >
        <div class="bar">
          <nav aria-label={texts.range}>
            {RANGES.map((one) => (
              <a href={`/charts?range=${one}`} aria-current={one === range ? "page" : undefined}>
                {texts.ranges[one]}
              </a>
            ))}
          </nav>
          <button type="button" data-pause aria-pressed="false" hidden>
            {texts.pause}
          </button>
          <p class="state" role="status">
            <span class="live">{texts.states.live}</span>
            <span class="paused">{texts.states.paused}</span>
            <span class="failing">{texts.states.failing}</span>
          </p>
          <noscript>{texts.needsScript}</noscript>
        </div>
        <div class="grid">
          {chartsOf(useTexts(), range).map((chart) => (
            <Chart {...chart}>
              <PointTable
                id={`points-${chart.name}`}
                caption={texts.caption(chart.title, texts.steps[range])}
                points={table}
                {...chart}
              />
            </Chart>
          ))}
        </div>
      </main>
    </>
  );
}

interface ChartOf {
  name: string;
  title: string;
  unit: Unit;
  lines: readonly Line[];
  allZero?: string;
}

/** Where a point is of more than a second, there is a mean of its seconds and the highest of them. */
function chartsOf({ charts: { titles, lines, noneRefused }, refused }: Texts, range: Range) {
  const both = (series: string, label: string): Line[] =>
    range === "5m"
      ? [{ series, label }]
      : [
          { series, label: lines.mean },
          { series: `${series}Max`, label: lines.highest },
        ];
  const charts: (Omit<ChartOf, "title"> & { name: keyof typeof titles })[] = [
    { name: "clients", unit: "count", lines: both("live", lines.live) },
    {
      name: "rate",
      unit: "rate",
      lines: [
        { series: "accepted", label: lines.accepted },
        { series: "ended", label: lines.ended },
      ],
    },
    {
      name: "refused",
      unit: "rate",
      lines: REFUSAL_SERIES.map(({ reason, series }) => ({
        series,
        label: refused.reasons(reason),
      })),
      allZero: noneRefused,
    },
    {
      name: "firstReply",
      unit: "ms",
      lines: [
        { series: "firstReplyP50", label: lines.p50 },
        { series: "firstReplyP99", label: lines.p99 },
      ],
    },
    { name: "cpu", unit: "percent", lines: both("cpu", lines.cpu) },
    {
      name: "memory",
      unit: "bytes",
      lines: [
        { series: "private", label: lines.private },
        { series: "resident", label: lines.resident },
      ],
    },
    {
      name: "delay",
      unit: "ms",
      lines: [
        { series: "delay", label: lines.mean },
        { series: "delayMax", label: lines.highest },
      ],
    },
  ];
  return charts.map((chart): ChartOf => ({ ...chart, title: titles[chart.name] }));
}
