/** @jsxImportSource hono/jsx */
/** A child's state, its kill buttons and a few figures. */
import { formatAddress } from "../../../shared/address.ts";
import { formatBytes } from "../../../shared/format.ts";
import type { ChildSnapshot } from "../snapshot.ts";
import { useViewer, useTexts } from "../../http/viewer.tsx";
import type { Texts } from "../../texts/en.ts";
import { KillLinks } from "../../page/views/kill-links.tsx";
import { Figure } from "./requests.tsx";
import { Time } from "../../views/time.tsx";
import { isBadEnd, formatLength, describeReason } from "./timeline.tsx";

/** The child's state in one word; once it has ended, the reason and the time. */
export function State({ snapshot: { child, session, process } }: { snapshot: ChildSnapshot }) {
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
      {texts.child.timeline.ended(describeReason(reason, texts))}
      {endedAt !== null && (
        <>
          {" · "}
          <Time at={endedAt} precision="date" />
        </>
      )}
    </p>
  );
}

function isStopped(process: ChildSnapshot["process"]): boolean {
  return process !== null && "state" in process.status && process.status.state.startsWith("T");
}

export function Actions({ snapshot, contents }: { snapshot: ChildSnapshot; contents: boolean }) {
  const { mayOperate } = useViewer();
  if (snapshot.child === null || !mayOperate) return null;
  const { id, pid } = snapshot.child;
  return <KillLinks id={id} pid={pid} address={addressOf(snapshot)} contents={contents} />;
}

export function Figures({ snapshot: { session, child, at } }: { snapshot: ChildSnapshot }) {
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
          value={isLive ? wholeSeconds(age, texts) : formatLength(age, texts)}
        />
      )}
      {child !== null && (
        <Figure name={words.idle} value={wholeSeconds(at - child.lastActiveAt, texts)} />
      )}
      {session.source !== session.remoteAddress && (
        <Figure name={words.source} value={session.source} />
      )}
      {bytesIn !== null && <Figure name={words.requests} value={requests.toLocaleString("en")} />}
      {bytesIn !== null && <Figure name={words.in} value={formatBytes(bytesIn)} />}
      {bytesOut !== null && <Figure name={words.out} value={formatBytes(bytesOut)} />}
      {session.exitCode !== null && (
        <Figure name={words.exitStatus} value={String(session.exitCode)} />
      )}
      {session.signal !== null && <Figure name={words.signal} value={session.signal} />}
      {cpuMs !== null && <Figure name={words.cpu} value={formatLength(cpuMs, texts)} />}
      {maxResidentBytes !== null && (
        <Figure name={words.memory} value={formatBytes(maxResidentBytes)} />
      )}
    </>
  );
}

/** A duration that is still growing is shown in whole seconds, so that it changes no faster. */
function wholeSeconds(ms: number, texts: Texts): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds < 60 ? texts.time.seconds(seconds) : texts.time.duration(seconds * 1000);
}

export function addressOf({ session }: ChildSnapshot): string {
  return formatAddress(session.remoteAddress, session.remotePort);
}
