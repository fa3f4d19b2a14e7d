/** @jsxImportSource hono/jsx */
/** The page of one child, live or ended: who it is, its life, what it uses, its process and its log. */
import { formatAddress } from "../../shared/address.ts";
import { formatBytes } from "../../shared/format.ts";
import { useReader, useTexts } from "../reader.tsx";
import type { Look } from "../look.ts";
import type { Texts } from "../texts/en.ts";
import { Chart } from "./chart.tsx";
import { KillLinks } from "./children.tsx";
import { Header } from "./header.tsx";
import { Live } from "./live.tsx";
import { SessionLog } from "./session-log.tsx";
import { Asking } from "./kill.tsx";
import { ProcessPart } from "./process.tsx";
import { Figure, Requests } from "./requests.tsx";
import { isBadEnd, length, reasonOf, Timeline } from "./timeline.tsx";
import { Time } from "./time.tsx";
import { UseTable } from "./use.tsx";
import type { Point } from "../child-use.ts";

/** What its reader has chosen; it stands in the page's address. */
export interface ChildView {
  /** Shows what the client sent. */
  contents: boolean;
  paused: boolean;
}

export interface ChildProps {
  look: Look;
  view: ChildView;
  points: readonly Point[];
  /** Why the history is not being written, or null. */
  trouble: string | null;
}

export function ChildPage({ look, view, points, trouble }: ChildProps) {
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
          <p>{words.trouble(trouble)}</p>
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
            hx-sse:connect={`${pathOf(id)}/events${viewQuery(view)}`}
            hx-swap="none"
          />
        )}
        <section class="summary" aria-labelledby="child-title">
          <p class="back">
            <a href="/">{words.back}</a>
          </p>
          <h2 id="child-title">
            {words.title(session.pid)} <span class="client">{addressOf(look)}</span>
          </h2>
          <div id="child-state">
            <State look={look} />
          </div>
          <div id="child-actions">
            <Actions look={look} />
          </div>
          <dl id="child-figures" class="figures">
            <Figures look={look} />
          </dl>
        </section>
        <div class="column">
          <section class="life" aria-labelledby="timeline-title">
            <h2 id="timeline-title">{words.timeline.title}</h2>
            <div id="timeline">
              <Timeline look={look} />
            </div>
          </section>
          <section class="requests" aria-labelledby="requests-title">
            <h2 id="requests-title">{words.requests.title}</h2>
            <a
              class="button"
              id="contents"
              href={`${pathOf(id)}${viewQuery(view, { contents: !contents })}`}
            >
              {contents ? words.requests.hide : words.requests.show}
            </a>
            {!contents && <p class="quiet">{words.requests.hidden}</p>}
            <div id="requests">
              <Requests look={look} contents={contents} />
            </div>
          </section>
          <section class="log" aria-labelledby="log-title">
            <h2 id="log-title">{useTexts().log.title}</h2>
            {look.notKept > 0 && <p class="quiet">{words.log.notKept(look.notKept)}</p>}
            <SessionLog id={id} entries={look.log} contents={contents} />
          </section>
        </div>
        <div class="column">
          <section class="usage" aria-labelledby="use-title">
            <h2 id="use-title">{words.use.title}</h2>
            <p class="quiet">{words.use.of}</p>
            <div
              class="charts"
              data-charts={`/api/children/${id}/series`}
              data-every={isLive && !paused ? "1000" : undefined}
            >
              <Chart
                title={words.use.cpu}
                unit="percent"
                lines={[{ series: "cpu", label: words.use.cpu }]}
              />
              <Chart
                title={words.use.memory}
                unit="bytes"
                lines={[{ series: "memory", label: words.use.memory }]}
              />
            </div>
            <details id="use-table">
              <summary>{words.use.table}</summary>
              <div id="use">
                <UseTable points={points} />
              </div>
            </details>
          </section>
          <section class="process" aria-labelledby="process-title">
            <h2 id="process-title">{words.process.title}</h2>
            <div id="process">
              <ProcessPart look={look} />
            </div>
          </section>
        </div>
        {isLive && <Asking />}
      </main>
    </>
  );
}

/** The parts that change while it lives, by the id of the element that they are in. */
export function changingParts({
  look,
  view,
  points,
}: Omit<ChildProps, "trouble">): Record<string, Content> {
  return {
    "child-state": <State look={look} />,
    "child-actions": <Actions look={look} />,
    "child-figures": <Figures look={look} />,
    timeline: <Timeline look={look} />,
    requests: <Requests look={look} contents={view.contents} />,
    process: <ProcessPart look={look} />,
    use: <UseTable points={points} />,
  };
}

type Content = ReturnType<typeof State>;

/** How it fares, in one word, and when it ended. */
function State({ look: { child, session, process } }: { look: Look }) {
  const texts = useTexts();
  if (child !== null) {
    const state = isStopped(process) ? "stopped" : child.state;
    return (
      <p class="state" data-state={state}>
        {texts.states[state]}
      </p>
    );
  }
  const { reason, endedAt } = session;
  return (
    <p class="state" data-state="ended" data-tone={isBadEnd(reason) ? "bad" : undefined}>
      {texts.child.timeline.ended(reasonOf(reason, texts))}
      {endedAt !== null && (
        <>
          {" · "}
          <Time at={endedAt} precision="date" />
        </>
      )}
    </p>
  );
}

function isStopped(process: Look["process"]): boolean {
  return process !== null && "state" in process.status && process.status.state.startsWith("T");
}

function Actions({ look }: { look: Look }) {
  const { mayOperate } = useReader();
  if (look.child === null || !mayOperate) return null;
  return <KillLinks id={look.child.id} pid={look.child.pid} address={addressOf(look)} />;
}

function Figures({ look: { session, child, at } }: { look: Look }) {
  const texts = useTexts();
  const { summary: words } = texts.child;
  const { startedAt, endedAt, requests, bytesIn, bytesOut, cpuMs, maxResidentBytes } = session;
  const age = Math.max(0, (endedAt ?? at) - startedAt);
  const isLive = child !== null;
  return (
    <>
      <div class="figure">
        <dt>{words.accepted}</dt>
        <dd>
          <Time at={startedAt} precision="date" />
        </dd>
      </div>
      {(isLive || endedAt !== null) && (
        <Figure
          name={isLive ? words.age : words.lasted}
          value={isLive ? wholeSeconds(age, texts) : length(age, texts)}
        />
      )}
      {child !== null && (
        <Figure name={words.idle} value={wholeSeconds(at - child.lastActiveAt, texts)} />
      )}
      {session.source !== session.remoteAddress && (
        <Figure name={words.source} value={session.source} />
      )}
      {bytesIn !== null && <Figure name={words.requests} value={requests.toLocaleString()} />}
      {bytesIn !== null && <Figure name={words.in} value={formatBytes(bytesIn)} />}
      {bytesOut !== null && <Figure name={words.out} value={formatBytes(bytesOut)} />}
      {session.exitCode !== null && (
        <Figure name={words.exitStatus} value={String(session.exitCode)} />
      )}
      {session.signal !== null && <Figure name={words.signal} value={session.signal} />}
      {cpuMs !== null && <Figure name={words.cpu} value={length(cpuMs, texts)} />}
      {maxResidentBytes !== null && (
        <Figure name={words.memory} value={formatBytes(maxResidentBytes)} />
      )}
    </>
  );
}

/** What changes while one looks is told in seconds, not faster. */
function wholeSeconds(ms: number, texts: Texts): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds < 60 ? texts.time.seconds(seconds) : texts.time.duration(seconds * 1000);
}

function PauseLink({ id, view }: { id: string; view: ChildView }) {
  const { live } = useTexts();
  return (
    <a id="pause" class="button" href={`${pathOf(id)}${viewQuery(view, { paused: !view.paused })}`}>
      {view.paused ? live.resume : live.pause}
    </a>
  );
}

function addressOf({ session }: Look): string {
  return formatAddress(session.remoteAddress, session.remotePort);
}

export function pathOf(id: string): string {
  return `/children/${encodeURIComponent(id)}`;
}

function viewQuery(view: ChildView, change: Partial<ChildView> = {}): string {
  const { contents, paused } = { ...view, ...change };
  const query = new URLSearchParams();
  if (contents) query.set("contents", "1");
  if (paused) query.set("paused", "1");
  return query.size === 0 ? "" : `?${query}`;
}

/** Where there is no such child, or nothing is kept of it any more; `why` says which may be. */
export function NoChild({ why }: { why: string }) {
  const { child: words } = useTexts();
  return (
    <>
      <Header />
      <main class="alone">
        <div class="confirm">
          <h2>{words.gone}</h2>
          <p>{why}</p>
          <p class="choice">
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
