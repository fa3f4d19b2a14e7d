/** @jsxImportSource hono/jsx */
/** The page of the audit log: which operator did what to which session, and when. */
import { formatAddress } from "../../../shared/address.ts";
import type { AuditEntry, History } from "../../../shared/history.ts";
import { childPath } from "../../child/child-view.ts";
import { useTexts } from "../../http/viewer.tsx";
import { Header } from "../../views/header.tsx";
import { Time } from "../../views/time.tsx";

interface Props {
  history: History;
  query: { before?: number; limit: number };
  entries: readonly AuditEntry[] | Error;
}

export function AuditPage({ history, query, entries }: Props) {
  const { history: texts } = useTexts();
  const { audit: words, sessions } = texts;
  const list = entries instanceof Error ? [] : entries;
  const last = list.length < query.limit ? undefined : list.at(-1);
  return (
    <>
      <Header current="audit" />
      <div id="notice" role="status">
        {history.writeError !== null && <p>{texts.writeError(history.writeError)}</p>}
        {entries instanceof Error && <p>{texts.noAnswer(entries.message)}</p>}
      </div>
      <main class="history">
        <section class="sessions" aria-labelledby="audit-title">
          <h2 id="audit-title">{words.title}</h2>
          <p class="muted">{words.about}</p>
          {list.length === 0 ? (
            !(entries instanceof Error) && <p class="muted empty">{words.none}</p>
          ) : (
            <div class="scroll" tabindex={0} role="group" aria-label={words.scrollable}>
              <table class="audit" aria-label={words.title}>
                <thead>
                  <tr>
                    <th scope="col">{words.when}</th>
                    <th scope="col">{words.operator}</th>
                    <th scope="col">{words.what}</th>
                    <th scope="col">{words.target}</th>
                  </tr>
                </thead>
                <tbody>
                  {list.map((entry) => (
                    <AuditRow entry={entry} />
                  ))}
                </tbody>
              </table>
            </div>
          )}
          <nav class="steps" aria-label={words.title}>
            {query.before !== undefined && (
              <a class="button" href="/audit">
                « {sessions.newest}
              </a>
            )}
            {last !== undefined && (
              <a class="button" rel="next" href={`/audit?before=${last.seq}`}>
                {sessions.older} ›
              </a>
            )}
          </nav>
        </section>
      </main>
    </>
  );
}

function AuditRow({ entry: { at, by, id, event } }: { entry: AuditEntry }) {
  const texts = useTexts();
  const { audit: words } = texts.history;
  const address =
    "remoteAddress" in event ? formatAddress(event.remoteAddress, event.remotePort) : null;
  return (
    <tr>
      <td data-label={words.when} class="began">
        <Time at={at} precision="date" />
      </td>
      <th scope="row" data-label={words.operator} class="operator">
        {words.by(by)}
      </th>
      <td data-label={words.what} class="what">
        {texts.log.describe(event)}
      </td>
      <td data-label={words.target} class={id === null ? undefined : "client"}>
        {id === null ? words.server : <a href={childPath(id)}>{address ?? id}</a>}
      </td>
    </tr>
  );
}
