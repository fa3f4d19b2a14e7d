/** @jsxImportSource hono/jsx */
/** One page of the sessions that match, newest first. Each links to its child's page. */
import { formatAddress } from "../../../shared/address.ts";
import { formatBytes } from "../../../shared/format.ts";
import type { SearchResult, HistoryFilter, SessionRecord } from "../../../shared/history.ts";
import { exportAddress, historyAddress } from "../history-query.ts";
import { childPath } from "../../child/child-view.ts";
import { useTexts } from "../../http/viewer.tsx";
import { Time } from "../../views/time.tsx";
import { isBadEnd, formatLength } from "../../child/views/timeline.tsx";

interface Props {
  found: SearchResult;
  /** Whether this is the newest page. */
  isFirst: boolean;
  filter: HistoryFilter;
}

export function Sessions({ found: { sessions, next }, isFirst, filter }: Props) {
  const { sessions: words } = useTexts().history;
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <section class="sessions" aria-labelledby="sessions-title">
      <h2 id="sessions-title">{words.title}</h2>
      {sessions.length > 0 && (
        <span class="export">
          {words.export} <a href={exportAddress("csv", filter)}>{words.csv}</a>{" "}
          <a href={exportAddress("json", filter)}>{words.json}</a>
        </span>
      )}
      {sessions.length === 0 ? (
        <p class="muted">{isFiltered || !isFirst ? words.noMatch : words.none}</p>
      ) : (
        <div class="scroll" tabindex={0} role="group" aria-label={words.scrollable}>
          <table class="sessions" aria-label={words.title}>
            <thead>
              <tr>
                {titles(words).map(([title, numeric]) => (
                  <th scope="col" class={numeric ? "number" : undefined}>
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {sessions.map((session) => (
                <SessionRow session={session} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <nav class="steps" aria-label={words.title}>
        {!isFirst && (
          <a class="button" href={historyAddress(filter)}>
            « {words.newest}
          </a>
        )}
        {next !== null && (
          <a class="button" rel="next" href={historyAddress(filter, next)}>
            {words.older} ›
          </a>
        )}
      </nav>
    </section>
  );
}

type Words = ReturnType<typeof useTexts>["history"]["sessions"];

function titles(words: Words): [title: string, numeric: boolean][] {
  return [
    [words.client, false],
    [words.began, false],
    [words.reason, false],
    [words.lasted, true],
    [words.firstReply, true],
    [words.requests, true],
    [words.in, true],
    [words.out, true],
    [words.cpu, true],
    [words.memory, true],
    [words.pid, true],
  ];
}

function SessionRow({ session }: { session: SessionRecord }) {
  const texts = useTexts();
  const { history } = texts;
  const { sessions: words } = history;
  const { id, pid, reason, startedAt, endedAt, firstReplyMs, bytesIn, bytesOut } = session;
  const lasted = endedAt === null ? null : formatLength(Math.max(0, endedAt - startedAt), texts);
  const numbers = [
    [words.lasted, lasted],
    [words.firstReply, firstReplyMs === null ? null : formatLength(firstReplyMs, texts)],
    [words.requests, bytesIn === null ? null : session.requests.toLocaleString("en")],
    [words.in, bytesIn === null ? null : formatBytes(bytesIn)],
    [words.out, bytesOut === null ? null : formatBytes(bytesOut)],
    [words.cpu, session.cpuMs === null ? null : formatLength(session.cpuMs, texts)],
    [
      words.memory,
      session.maxResidentBytes === null ? null : formatBytes(session.maxResidentBytes),
    ],
    [words.pid, String(pid)],
  ] as const;
  const address = formatAddress(session.remoteAddress, session.remotePort);
  return (
    <tr id={`session-${id}`}>
      <th scope="row" class="client" title={address}>
        <a href={childPath(id)}>{address}</a>
      </th>
      <td data-label={words.began} class="began">
        <Time at={startedAt} precision="date" />
      </td>
      <td
        data-label={words.reason}
        class="reason"
        data-tone={
          isBadEnd(reason) || reason === "lost" ? "bad" : reason === "live" ? "good" : undefined
        }
      >
        {history.reason(reason)}
      </td>
      {numbers.map(([label, text]) => (
        <td data-label={label} class="number">
          {text ?? "–"}
        </td>
      ))}
    </tr>
  );
}
