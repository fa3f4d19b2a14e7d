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

export function HistoryTotals({ totals: { sessions, reasons, sources }, filter }: Props) {
  const { history } = useTexts();
  const { totals: words } = history;
  const number = (count: number) => count.toLocaleString("en");
  if (sessions === 0) return null;
  return (
    <div class="totals">
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
                <th
                  scope="row"
                  data-tone={isBadEnd(reason) || reason === "lost" ? "bad" : undefined}
                >
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
    </div>
  );
}
