/** @jsxImportSource hono/jsx */
/** The question before a signal is sent to many, and how far that is. */
import { formatAddress } from "../../../shared/address.ts";
import { KILL_GRACE_MS, type Signal } from "../../../shared/signals.ts";
import type { ChildOutcome, Job, JobProgress } from "../jobs.ts";
import { useViewer, useTexts } from "../../http/viewer.tsx";
import { countBySource, type Targets } from "../targets.ts";
import { RESPONSE_ATTRIBUTES, Sending } from "./kill.tsx";
import { Time } from "../../views/time.tsx";

/** So many of them, and of their sources, are named. */
const MOST_NAMED = 5;

interface ConfirmProps {
  signal: Signal;
  targets: Targets;
  /** The live ones among them, as the form carries them. */
  ids: string;
  selection: string;
  inDialog: boolean;
}

export function ConfirmMany({ signal, targets, ids, selection, inDialog }: ConfirmProps) {
  const { children, gone } = targets;
  const { kill, many } = useTexts();
  const count = children.length;
  return (
    <form
      class="confirm"
      method="post"
      action="/kills"
      {...(inDialog ? { "hx-post": "/kills", ...RESPONSE_ATTRIBUTES } : {})}
    >
      <h2 id="dialog-title">{many.question(signal, count)}</h2>
      <dl class="targets">
        <Sources of={children} />
        <dt>{many.including}</dt>
        {children.slice(0, MOST_NAMED).map(({ pid, remoteAddress, remotePort }) => (
          <dd>{kill.target(pid, formatAddress(remoteAddress, remotePort))}</dd>
        ))}
        {count > MOST_NAMED && <dd>{many.more(count - MOST_NAMED)}</dd>}
      </dl>
      {gone > 0 && <p>{many.alreadyGone(gone)}</p>}
      <p>{kill.meaning(signal, many.meanings[signal])}</p>
      <input type="hidden" name="ids" value={ids} />
      <input type="hidden" name="selection" value={selection} />
      <Sending
        signal={signal}
        thenKill={many.thenKill(KILL_GRACE_MS / 1000)}
        send={many.send(signal, count)}
      />
    </form>
  );
}

function Sources({ of }: { of: Targets["children"] }) {
  const { many } = useTexts();
  const sources = countBySource(of);
  const others = sources.slice(MOST_NAMED);
  const rest = others.reduce((sum, { count }) => sum + count, 0);
  return (
    <>
      <dt>{many.sources}</dt>
      {sources.slice(0, MOST_NAMED).map(({ source, count }) => (
        <dd>{many.fromSource(source, count)}</dd>
      ))}
      {rest > 0 && <dd>{many.otherSources(others.length, rest)}</dd>}
    </>
  );
}

/** How far it is; asks again by itself until all is known. */
export function Progress({ job }: { job: Job }) {
  const { many } = useTexts();
  const path = `/kills/${job.id}`;
  const done = job.endedAt !== null;
  return (
    <div
      id="job"
      class="outcome job"
      data-tone={job.outcomes["still there"] > 0 ? "bad" : "good"}
      data-done={done}
      aria-live={done ? "polite" : "off"}
      {...(done ? {} : askAgain(path))}
    >
      <p>
        <Sentence job={job} />
      </p>
      <Bar job={job} />
      <div class="buttons">
        <a id="job-receipts" class="button" href={path}>
          {many.receipts}
        </a>
        <Cancel job={job} beside />
      </div>
    </div>
  );
}

function askAgain(path: string) {
  return { "hx-get": path, "hx-trigger": "load delay:500ms", "hx-swap": "outerHTML" };
}

/** Its own page, for as long as it is remembered. */
export function JobPage({ job }: { job: Job }) {
  const { kill, many } = useTexts();
  const answers = job.worstOutcomes();
  const known = job.total - job.waiting - job.open;
  const path = `/kills/${job.id}`;
  return (
    <div id="job" class="confirm job" {...(job.endedAt === null ? askAgain(`${path}?page=1`) : {})}>
      <h2>{many.title(job.signal, job.total)}</h2>
      <p>
        <Time at={job.at} /> · {many.requestedBy(job.by)} · {many.selection(job.selection)}
      </p>
      <p role="status">
        <Sentence job={job} />
      </p>
      <Bar job={job} />
      <div class="buttons">
        {job.endedAt === null && (
          <a class="button" href={path}>
            {many.refresh}
          </a>
        )}
        <Cancel job={job} beside={false} />
        <a class="button" href="/">
          {kill.back}
        </a>
      </div>
      {answers.length > 0 && <Answers answers={answers} known={known} />}
    </div>
  );
}

function Sentence({ job }: { job: Job }) {
  const { many } = useTexts();
  const told: JobProgress = { ...job, cancelled: job.cancelledBy !== null };
  return (
    <>
      {many.progress(job.signal, told)}
      {job.cancelledBy !== null && ` ${many.cancelled(job.cancelledBy)}`}
    </>
  );
}

function Bar({ job }: { job: Job }) {
  const { many } = useTexts();
  if (job.endedAt !== null) return null;
  return (
    <progress
      max={job.total}
      value={job.total - job.waiting - job.open}
      aria-label={many.title(job.signal, job.total)}
    />
  );
}

/** What is not sent yet need not be. */
function Cancel({ job, beside }: { job: Job; beside: boolean }) {
  const { texts, mayOperate } = useViewer();
  if (!mayOperate || job.waiting === 0 || job.cancelledBy !== null) return null;
  const path = `/kills/${job.id}/cancel`;
  const swap = { "hx-post": path, "hx-target": "#job", "hx-swap": "outerHTML" };
  return (
    <form method="post" action={path} {...(beside ? swap : {})}>
      <button id="job-cancel" type="submit" class="danger">
        {texts.many.cancel}
      </button>
    </form>
  );
}

function Answers({ answers, known }: { answers: readonly ChildOutcome[]; known: number }) {
  const { children, many, time } = useTexts();
  return (
    <>
      <p>{many.slowest(answers.length, known)}</p>
      <table class="outcomes">
        <thead>
          <tr>
            <th scope="col" class="number">
              {children.columns.pid}
            </th>
            <th scope="col">{children.columns.client}</th>
            <th scope="col">{many.sent}</th>
            <th scope="col">{many.outcome}</th>
            <th scope="col" class="number">
              {many.after}
            </th>
          </tr>
        </thead>
        <tbody>
          {answers.map(({ child, outcome, receipt }) => (
            <tr data-outcome={outcome}>
              <th scope="row" class="number" data-label={children.columns.pid}>
                <a href={`/children/${child.id}`}>{child.pid}</a>
              </th>
              <td class="client" data-label={children.columns.client}>
                {formatAddress(child.remoteAddress, child.remotePort)}
              </td>
              <td data-label={many.sent}>{receipt?.sent.join(", ") ?? "–"}</td>
              <td data-label={many.outcome}>{many.outcomes[outcome]}</td>
              <td class="number" data-label={many.after}>
                {receipt === null ? "–" : time.duration(receipt.ms)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
