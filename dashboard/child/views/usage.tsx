/** @jsxImportSource hono/jsx */
/** What a child uses over time: charts, and a table for those who cannot see them. */
import { formatBytes } from "../../../shared/format.ts";
import type { UsagePoint } from "../usage-history.ts";
import { useTexts } from "../../http/viewer.tsx";
import { Chart } from "../../charts/views/chart.tsx";
import { Time } from "../../views/time.tsx";

/** Nobody reads five minutes second by second. */
const MAX_ROWS = 30;

/** `isPolled`: new points are added as long as the page is open. */
export function UsageChart({
  id,
  points,
  isPolled,
}: {
  id: string;
  points: readonly UsagePoint[];
  isPolled: boolean;
}) {
  const { usage: words } = useTexts().child;
  return (
    <>
      <p class="muted">{words.about}</p>
      <div
        class="charts"
        data-charts={`/api/children/${id}/series`}
        data-every={isPolled ? "1000" : undefined}
      >
        <Chart title={words.cpu} unit="percent" lines={[{ series: "cpu", label: words.cpu }]} />
        <Chart
          title={words.memory}
          unit="bytes"
          lines={[{ series: "memory", label: words.memory }]}
        />
      </div>
      <details id="usage-table">
        <summary>{words.table}</summary>
        <div id="usage">
          <UsageTable points={points} />
        </div>
      </details>
    </>
  );
}

export function UsageTable({ points }: { points: readonly UsagePoint[] }) {
  const { usage: words } = useTexts().child;
  const known = points.filter(({ privateBytes }) => privateBytes !== null);
  if (known.length === 0) return <p class="muted">{words.none}</p>;
  const every = Math.ceil(known.length / MAX_ROWS);
  // Chosen by their time, so that the same rows stay while others are added.
  const rows = known.toReversed().filter(({ at }) => Math.floor(at / 1000) % every === 0);
  return (
    <table aria-label={words.title}>
      <thead>
        <tr>
          <th scope="col">{words.time}</th>
          <th scope="col" class="number">
            {words.cpu}
          </th>
          <th scope="col" class="number">
            {words.memory}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ at, cpuPercent, privateBytes }) => (
          <tr id={`usage-${at}`}>
            <th scope="row">
              <Time at={at} />
            </th>
            <td class="number">{cpuPercent === null ? "–" : `${cpuPercent.toFixed(1)} %`}</td>
            <td class="number">{privateBytes === null ? "–" : formatBytes(privateBytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
