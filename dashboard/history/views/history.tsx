/** @jsxImportSource hono/jsx */
/** The history page: a search form, the totals of what it found, and the sessions themselves. */
import { formatZone } from "../../../shared/format.ts";
import {
  type SearchResult,
  type History,
  HISTORY_REASONS,
  type HistoryFilter,
  type Totals,
} from "../../../shared/history.ts";
import { formatInput } from "../../../shared/timestamp.ts";
import { historyAddress } from "../history-query.ts";
import { useTexts } from "../../http/viewer.tsx";
import { Header } from "../../views/header.tsx";
import { Sessions } from "./sessions.tsx";
import { HistoryTotals } from "./totals.tsx";

export type SearchOutcome =
  | { state: "found"; found: SearchResult; totals: Totals; isFirst: boolean }
  | { state: "invalid" }
  | { state: "failed"; reason: string };

interface Props {
  history: History;
  filter: HistoryFilter;
  result: SearchOutcome;
}

export function HistoryPage({ history, filter, result }: Props) {
  const { history: words } = useTexts();
  return (
    <>
      <Header current="history" />
      <div id="notice" role="status">
        {history.writeError !== null && <p>{words.writeError(history.writeError)}</p>}
        {result.state === "failed" && <p>{words.noAnswer(result.reason)}</p>}
        {result.state === "invalid" && <p>{words.search.wrong}</p>}
      </div>
      <main class="history">
        <Search filter={filter} />
        {result.state === "found" && (
          <>
            <HistoryTotals totals={result.totals} filter={filter} />
            <Sessions found={result.found} isFirst={result.isFirst} filter={filter} />
          </>
        )}
        <p class="muted">{words.scope(history)}</p>
      </main>
    </>
  );
}

/** Times are in the server's zone until the page's script shows them in the viewer's. */
function Search({ filter }: { filter: HistoryFilter }) {
  const { history: words } = useTexts();
  const { search } = words;
  return (
    <form id="search" action="/history" method="get" role="search" aria-label={search.label}>
      <label>
        <span>{search.address}</span>
        <input
          type="search"
          name="address"
          value={filter.address}
          placeholder={search.addressHint}
          maxlength={100}
          autocomplete="off"
          spellcheck={false}
        />
      </label>
      {filter.source !== undefined && (
        <label>
          <span>{search.source}</span>
          <input type="search" name="source" value={filter.source} maxlength={100} />
        </label>
      )}
      <label>
        <span>{search.reason}</span>
        <select name="reason">
          <option value="">{search.any}</option>
          {HISTORY_REASONS.map((reason) => (
            <option value={reason} selected={reason === filter.reason}>
              {words.reason(reason)}
            </option>
          ))}
        </select>
      </label>
      <Moment name="from" label={search.from} at={filter.from} />
      <Moment name="to" label={search.to} at={filter.to} />
      <span class="zone">({formatZone(Date.now())})</span>
      <button type="submit">{search.find}</button>
      {Object.keys(filter).length > 0 && (
        <a class="button" href={historyAddress({})}>
          {search.all}
        </a>
      )}
    </form>
  );
}

function Moment({ name, label, at }: { name: string; label: string; at: number | undefined }) {
  return (
    <label>
      <span>{label}</span>
      <input
        type="datetime-local"
        name={name}
        value={at === undefined ? undefined : formatInput(at)}
        data-at={at}
        step="any"
        max="9999-12-31T23:59"
      />
    </label>
  );
}
