/** @jsxImportSource hono/jsx */
/** The page of one child, live or ended: who it is, its life, what it uses, its process and its log. */
import type { Child as Content } from "hono/jsx";
import type { UsagePoint } from "../usage-history.ts";
import { childQuery, type ChildView, childPath } from "../child-view.ts";
import type { ChildSnapshot } from "../snapshot.ts";
import { historyAddress } from "../../history/history-query.ts";
import { useTexts } from "../../http/viewer.tsx";
import { Actions, addressOf, Figures, State } from "./child-summary.tsx";
import { Header } from "../../views/header.tsx";
import { KillDialogParts } from "../../kill/views/kill.tsx";
import { Live } from "../../views/live.tsx";
import { ProcessPart } from "./process.tsx";
import { ContentsToggle, hasContents, Requests } from "./requests.tsx";
import { SessionLog } from "./session-log.tsx";
import { Timeline } from "./timeline.tsx";
import { UsageChart, UsageTable } from "./usage.tsx";

export interface ChildProps {
  snapshot: ChildSnapshot;
  view: ChildView;
  points: readonly UsagePoint[];
  /** Why the history is not being written, or null. */
  historyTrouble: string | null;
}

export function ChildPage({ snapshot: look, view, points, historyTrouble: trouble }: ChildProps) {
  const { child: words } = useTexts();
  const { session, child } = look;
  const { id } = session;
  const isLive = child !== null;
  const { paused, contents } = view;
  return (
    <>
      <Header />
      <div id="outcome" role="status" aria-live="polite" />
      {trouble !== null && (
        <div id="notice" role="status">
          <p>{words.writeError(trouble)}</p>
        </div>
      )}
      <main id="child" class="child">
        <Live state={isLive ? (paused ? "paused" : "connecting") : "ended"}>
          {isLive && <PauseLink id={id} view={view} />}
        </Live>
        {isLive && !paused && (
          <div
            hidden
            id="stream"
            hx-trigger="load, every 2s"
            hx-sse:connect={`${childPath(id)}/events${childQuery(view)}`}
            hx-swap="none"
          />
        )}
        <section class="summary" aria-labelledby="child-title">
          <p class="back">
            <a href="/">{words.back}</a>
            <a href={historyAddress({ source: session.source })}>
              {words.sameSource(session.source)}
            </a>
          </p>
          <h2 id="child-title">
            {words.title(session.pid)} <span class="client">{addressOf(look)}</span>
          </h2>
          <div id="child-state">
            <State look={look} />
          </div>
          <div id="child-actions">
            <Actions look={look} contents={contents} />
          </div>
          <dl id="child-figures" class="figures">
            <Figures look={look} />
          </dl>
        </section>
        <div class="column">
          <section class="timeline" aria-labelledby="timeline-title">
            <h2 id="timeline-title">{words.timeline.title}</h2>
            <div id="timeline">
              <Timeline look={look} />
            </div>
          </section>
          <section class="requests" aria-labelledby="requests-title">
            <h2 id="requests-title">{words.requests.title}</h2>
            {hasContents(look) && <ContentsToggle id={id} view={view} />}
            <div id="requests">
              <Requests look={look} contents={contents} />
            </div>
          </section>
          <section class="log" aria-labelledby="log-title">
            <h2 id="log-title">{useTexts().log.title}</h2>
            {look.notKept > 0 && <p class="muted">{words.log.notKept(look.notKept)}</p>}
            <SessionLog id={id} entries={look.log} contents={contents} />
          </section>
        </div>
        <div class="column">
          <section class="usage" aria-labelledby="usage-title">
            <h2 id="usage-title">{words.usage.title}</h2>
            {isLive || points.length > 0 ? (
              <UsageChart id={id} points={points} goesOn={isLive && !paused} />
            ) : (
              <p class="muted">{words.usage.none}</p>
            )}
          </section>
          <section class="process" aria-labelledby="process-title">
            <h2 id="process-title">{words.process.title}</h2>
            <div id="process">
              <ProcessPart look={look} />
            </div>
          </section>
        </div>
        {isLive && <KillDialogParts />}
      </main>
    </>
  );
}

/** The parts that change while it lives, by the id of the element that they are in. */
export function changingParts({
  snapshot: look,
  view,
  points,
}: Omit<ChildProps, "historyTrouble">): Record<string, Content> {
  return {
    "child-state": <State look={look} />,
    "child-actions": <Actions look={look} contents={view.contents} />,
    "child-figures": <Figures look={look} />,
    timeline: <Timeline look={look} />,
    requests: <Requests look={look} contents={view.contents} />,
    process: <ProcessPart look={look} />,
    usage: <UsageTable points={points} />,
  };
}

function PauseLink({ id, view }: { id: string; view: ChildView }) {
  const { live } = useTexts();
  return (
    <a id="pause" class="button" href={childPath(id, { ...view, paused: !view.paused })}>
      {view.paused ? live.resume : live.pause}
    </a>
  );
}

/** Where there is no such child, or nothing is kept of it any more; `why` says which may be. */
export function NoChild({ why }: { why: string }) {
  const { child: words } = useTexts();
  return (
    <>
      <Header />
      <main class="standalone">
        <div class="confirm">
          <h2>{words.gone}</h2>
          <p>{why}</p>
          <p class="buttons">
            <a class="button" href="/history">
              {useTexts().nav.history}
            </a>
            <a class="button" href="/">
              {words.back}
            </a>
          </p>
        </div>
      </main>
    </>
  );
}
