/** @jsxImportSource hono/jsx */
/**
 * The page of one child, live or ended: its summary, timeline, requests, log, usage and process.
 */
import type { Child as Content } from "hono/jsx";
import { historyAddress } from "../../history/history-query.ts";
import { useTexts } from "../../http/viewer.tsx";
import { KillDialogParts } from "../../kill/views/kill.tsx";
import { Header } from "../../views/header.tsx";
import { Live } from "../../views/live.tsx";
import { childPath, childQuery, type ChildView } from "../child-view.ts";
import type { ChildSnapshot } from "../snapshot.ts";
import type { UsagePoint } from "../usage-history.ts";
import { Actions, addressOf, Figures, State } from "./child-summary.tsx";
import { ProcessPart } from "./process.tsx";
import { ContentsToggle, hasContents, Requests } from "./requests.tsx";
import { SessionLog } from "./session-log.tsx";
import { Timeline } from "./timeline.tsx";
import { UsageChart, UsageTable } from "./usage.tsx";

interface PartsProps {
  snapshot: ChildSnapshot;
  view: ChildView;
  points: readonly UsagePoint[];
}

interface ChildPageProps extends PartsProps {
  /** Why the history is not being written, or null. */
  historyError: string | null;
}

export function ChildPage({ snapshot, view, points, historyError }: ChildPageProps) {
  const { child: words } = useTexts();
  const { session, child } = snapshot;
  const isLive = child !== null;
  return (
    <>
      <Header />
      <div id="outcome" role="status" aria-live="polite" />
      {historyError !== null && (
        <div id="notice" role="status">
          <p>{words.writeError(historyError)}</p>
        </div>
      )}
      <main id="child" class="child">
        <Live state={isLive ? (view.paused ? "paused" : "connecting") : "ended"}>
          {isLive && <PauseLink id={session.id} view={view} />}
        </Live>
        {isLive && !view.paused && <Stream id={session.id} view={view} />}
        <Summary snapshot={snapshot} view={view} />
        <div class="column">
          <SessionSections snapshot={snapshot} view={view} />
        </div>
        <div class="column">
          <ProcessSections snapshot={snapshot} view={view} points={points} />
        </div>
        {isLive && <KillDialogParts />}
      </main>
    </>
  );
}

function Stream({ id, view }: { id: string; view: ChildView }) {
  return (
    <div
      hidden
      id="stream"
      hx-trigger="load, every 2s"
      hx-sse:connect={`${childPath(id)}/events${childQuery(view)}`}
      hx-swap="none"
    />
  );
}

function PauseLink({ id, view }: { id: string; view: ChildView }) {
  const { live } = useTexts();
  return (
    <a id="pause" class="button" href={childPath(id, { ...view, paused: !view.paused })}>
      {view.paused ? live.resume : live.pause}
    </a>
  );
}

function Summary({ snapshot, view }: Omit<PartsProps, "points">) {
  const { child: words } = useTexts();
  const { pid, source } = snapshot.session;
  return (
    <section class="summary" aria-labelledby="child-title">
      <p class="back">
        <a href="/">{words.back}</a>
        <a href={historyAddress({ source })}>{words.sameSource(source)}</a>
      </p>
      <h2 id="child-title">
        {words.title(pid)} <span class="client">{addressOf(snapshot)}</span>
      </h2>
      <div id="child-state">
        <State snapshot={snapshot} />
      </div>
      <div id="child-actions">
        <Actions snapshot={snapshot} contents={view.contents} />
      </div>
      <dl id="child-figures" class="figures">
        <Figures snapshot={snapshot} />
      </dl>
    </section>
  );
}

/** What happened in the session: its timeline, its requests and its log. */
function SessionSections({ snapshot, view }: Omit<PartsProps, "points">) {
  const { child: words, log } = useTexts();
  const { id } = snapshot.session;
  return (
    <>
      <section class="timeline" aria-labelledby="timeline-title">
        <h2 id="timeline-title">{words.timeline.title}</h2>
        <div id="timeline">
          <Timeline snapshot={snapshot} />
        </div>
      </section>
      <section class="requests" aria-labelledby="requests-title">
        <h2 id="requests-title">{words.requests.title}</h2>
        {hasContents(snapshot) && <ContentsToggle id={id} view={view} />}
        <div id="requests">
          <Requests snapshot={snapshot} contents={view.contents} />
        </div>
      </section>
      <section class="log" aria-labelledby="log-title">
        <h2 id="log-title">{log.title}</h2>
        {snapshot.droppedLogEntries > 0 && (
          <p class="muted">{words.log.dropped(snapshot.droppedLogEntries)}</p>
        )}
        <SessionLog id={id} entries={snapshot.log} contents={view.contents} />
      </section>
    </>
  );
}

/** What the process uses, and its details. */
function ProcessSections({ snapshot, view, points }: PartsProps) {
  const { child: words } = useTexts();
  const isLive = snapshot.child !== null;
  return (
    <>
      <section class="usage" aria-labelledby="usage-title">
        <h2 id="usage-title">{words.usage.title}</h2>
        {isLive || points.length > 0 ? (
          <UsageChart id={snapshot.session.id} points={points} isPolled={isLive && !view.paused} />
        ) : (
          <p class="muted">{words.usage.none}</p>
        )}
      </section>
      <section class="process" aria-labelledby="process-title">
        <h2 id="process-title">{words.process.title}</h2>
        <div id="process">
          <ProcessPart snapshot={snapshot} />
        </div>
      </section>
    </>
  );
}

/** Returns the parts of a live child's page that change, by the IDs of their elements. */
export function changingParts({ snapshot, view, points }: PartsProps): Record<string, Content> {
  return {
    "child-state": <State snapshot={snapshot} />,
    "child-actions": <Actions snapshot={snapshot} contents={view.contents} />,
    "child-figures": <Figures snapshot={snapshot} />,
    timeline: <Timeline snapshot={snapshot} />,
    requests: <Requests snapshot={snapshot} contents={view.contents} />,
    process: <ProcessPart snapshot={snapshot} />,
    usage: <UsageTable points={points} />,
  };
}

/**
 * The page of a child that never existed, or that the history has deleted; `why`
 * explains which is possible.
 */
export function NoChild({ why }: { why: string }) {
  const { child: words, nav } = useTexts();
  return (
    <>
      <Header />
      <main class="standalone">
        <div class="confirm">
          <h2>{words.gone}</h2>
          <p>{why}</p>
          <p class="buttons">
            <a class="button" href="/history">
              {nav.history}
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
