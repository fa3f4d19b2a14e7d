/** @jsxImportSource hono/jsx */
/** Sessions counted by reason and by source. Each count links to its sessions. */
import { formatBytes } from "../../../shared/format.ts";
import { type HistoryFilter, MAX_TOP_SOURCES, type Totals } from "../../../shared/history.ts";
import { historyAddress } from "../history-query.ts";
import { useTexts } from "../../http/viewer.tsx";
import { isBadEnd } from "../../child/views/timeline.tsx";

interface Props {
  totals: Totals;
  filter: HistoryFilter;
}

export function HistoryTotals({ totals, filter }: Props) {
  if (totals.sessions === 0) return null;
  return (
    <div class="totals">
      <ReasonTotals totals={totals} filter={filter} />
      <SourceTotals totals={totals} filter={filter} />
    </div>
  );
}

function ReasonTotals({ totals: { reasons }, filter }: Props) {
  const { history } = useTexts();
  const { totals: words } = history;
  return (
    <section aria-labelledby="reasons-title">
      <h2 id="reasons-title">{words.reasons}</h2>
      <table aria-labelledby="reasons-title">
        <thead>
          <tr>
            <th scope="col">{words.reason}</th>
            <th scope="col" class="number">
              {words.sessions}
            </th>
          </tr>
        </thead>
        <tbody>
          {reasons.map(({ reason, count }) => (
            <tr>
              <th scope="row" data-tone={isBadEnd(reason) || reason === "lost" ? "bad" : undefined}>
                <a href={historyAddress({ ...filter, reason })}>{history.reason(reason)}</a>
              </th>
              <td class="number" data-label={words.sessions}>
                {number(count)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function SourceTotals({ totals: { sources }, filter }: Props) {
  const { totals: words } = useTexts().history;
  return (
    <section aria-labelledby="sources-title">
      <h2 id="sources-title">
        {sources.length < MAX_TOP_SOURCES ? words.sources : words.mostSources(MAX_TOP_SOURCES)}
      </h2>
      <div class="scroll" tabindex={0} role="group" aria-labelledby="sources-title">
        <table aria-labelledby="sources-title">
          <thead>
            <tr>
              <th scope="col">{words.source}</th>
              {[words.sessions, words.in, words.out].map((title) => (
                <th scope="col" class="number">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sources.map(({ source, count, bytesIn, bytesOut }) => (
              <tr>
                <th scope="row">
                  <a href={historyAddress({ ...filter, source })}>{source}</a>
                </th>
                <td class="number" data-label={words.sessions}>
                  {number(count)}
                </td>
                <td class="number" data-label={words.in}>
                  {formatBytes(bytesIn)}
                </td>
                <td class="number" data-label={words.out}>
                  {formatBytes(bytesOut)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function number(count: number): string {
  return count.toLocaleString("en");
}
