/** @jsxImportSource hono/jsx */
/**
 * The page of charts. Each chart has a table of the same values, for those who cannot
 * see it or have scripts off.
 */
import { useTexts } from "../../http/viewer.tsx";
import { REFUSAL_SERIES } from "../series-names.ts";
import { type Range, RANGES, type Series } from "../series.ts";
import type { Texts } from "../../texts/en.ts";
import type { Unit } from "../units.ts";
import { Chart, type Line, PointTable } from "./chart.tsx";
import { Header } from "../../views/header.tsx";

/** How often new points are polled: the longer the range, the less one point changes it. */
const POLL_INTERVAL_MS: Record<Range, number> = { "5m": 1000, "1h": 10_000, "1d": 60_000 };

interface Props {
  range: Range;
  table: ReturnType<Series["table"]>;
}

export function ChartsPage({ range, table }: Props) {
  const texts = useTexts();
  const { charts: words } = texts;
  return (
    <>
      <Header current="charts" />
      <main
        class="charts"
        data-charts={`/api/series?range=${range}`}
        data-every={POLL_INTERVAL_MS[range]}
        data-state="connecting"
      >
        <div class="bar">
          <nav aria-label={words.range}>
            {RANGES.map((other) => (
              <a
                href={`/charts?range=${other}`}
                aria-current={other === range ? "page" : undefined}
              >
                {words.ranges[other]}
              </a>
            ))}
          </nav>
          <button type="button" data-pause aria-pressed="false" hidden>
            {words.pause}
          </button>
          <p class="state" role="status">
            <span class="live">{words.states.live}</span>
            <span class="paused">{words.states.paused}</span>
            <span class="failing">{words.states.failing}</span>
          </p>
          <noscript>{words.needsScript}</noscript>
        </div>
        <div class="grid">
          {chartsOf(texts, range).map((chart) => (
            <Chart {...chart}>
              <PointTable
                id={`points-${chart.name}`}
                caption={words.caption(chart.title, words.steps[range])}
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

interface ChartContent {
  name: string;
  title: string;
  unit: Unit;
  lines: readonly Line[];
  allZero?: string;
}

/**
 * If a point stands for more than a second, there are lines for the mean and for
 * the highest of its seconds.
 */
function chartsOf({ charts: { titles, lines, noneRefused }, refused }: Texts, range: Range) {
  const meanAndMax = (series: string, label: string): Line[] =>
    range === "5m"
      ? [{ series, label }]
      : [
          { series, label: lines.mean },
          { series: `${series}Max`, label: lines.highest },
        ];
  const charts: (Omit<ChartContent, "title"> & { name: keyof typeof titles })[] = [
    { name: "clients", unit: "count", lines: meanAndMax("live", lines.live) },
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
    { name: "cpu", unit: "percent", lines: meanAndMax("cpu", lines.cpu) },
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
  return charts.map((chart): ChartContent => ({ ...chart, title: titles[chart.name] }));
}
