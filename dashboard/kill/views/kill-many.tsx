/** @jsxImportSource hono/jsx */
/** The question before a signal is sent to many children, and the progress of the job. */
import { formatAddress } from "../../../shared/address.ts";
import { KILL_GRACE_MS, type Signal } from "../../../shared/signals.ts";
import type { ChildOutcome, Job, JobProgress } from "../job.ts";
import { useViewer, useTexts } from "../../http/viewer.tsx";
import { countBySource, type Targets } from "../targets.ts";
import { ConfirmButtons, RESPONSE_ATTRIBUTES } from "./kill.tsx";
import { Time } from "../../views/time.tsx";

/** How many children, and how many sources, the question lists. */
const MAX_LISTED = 5;

interface ConfirmProps {
  signal: Signal;
  targets: Targets;
  /** The IDs of the live ones, packed. */
  ids: string;
  selection: string;
  inDialog: boolean;
}

export function ConfirmMany({ signal, targets, ids, selection, inDialog }: ConfirmProps) {
  const { children, alreadyEnded } = targets;
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
        <Sources targets={children} />
        <dt>{many.including}</dt>
        {children.slice(0, MAX_LISTED).map(({ pid, remoteAddress, remotePort }) => (
          <dd>{kill.target(pid, formatAddress(remoteAddress, remotePort))}</dd>
        ))}
        {count > MAX_LISTED && <dd>{many.more(count - MAX_LISTED)}</dd>}
      </dl>
      {alreadyEnded > 0 && <p>{many.alreadyEnded(alreadyEnded)}</p>}
      <p>{kill.meaning(signal, many.meanings[signal])}</p>
      <input type="hidden" name="ids" value={ids} />
      <input type="hidden" name="selection" value={selection} />
      <ConfirmButtons
        signal={signal}
        thenKill={many.thenKill(KILL_GRACE_MS / 1000)}
        send={many.send(signal, count)}
      />
    </form>
  );
}

function Sources({ targets }: { targets: Targets["children"] }) {
  const { many } = useTexts();
  const sources = countBySource(targets);
  const others = sources.slice(MAX_LISTED);
  const rest = others.reduce((sum, { count }) => sum + count, 0);
  return (
    <>
      <dt>{many.sources}</dt>
      {sources.slice(0, MAX_LISTED).map(({ source, count }) => (
        <dd>{many.fromSource(source, count)}</dd>
      ))}
      {rest > 0 && <dd>{many.otherSources(others.length, rest)}</dd>}
    </>
  );
}

/** The progress of a job. It refreshes itself until the job has ended. */
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
      {...(done ? {} : refresh(path))}
    >
      <p>
        <Sentence job={job} />
      </p>
      <Bar job={job} />
      <div class="buttons">
        <a id="job-receipts" class="button" href={path}>
          {many.receipts}
        </a>
        <Cancel job={job} inPlace />
      </div>
    </div>
  );
}

function refresh(path: string) {
  return { "hx-get": path, "hx-trigger": "load delay:500ms", "hx-swap": "outerHTML" };
}

/** The page of a job. */
export function JobPage({ job }: { job: Job }) {
  const { kill, many } = useTexts();
  const outcomes = job.worstOutcomes();
  const known = job.total - job.waiting - job.open;
  const path = `/kills/${job.id}`;
  return (
    <div id="job" class="confirm job" {...(job.endedAt === null ? refresh(`${path}?page=1`) : {})}>
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
        <Cancel job={job} inPlace={false} />
        <a class="button" href="/">
          {kill.back}
        </a>
      </div>
      {outcomes.length > 0 && <Outcomes outcomes={outcomes} known={known} />}
    </div>
  );
}

function Sentence({ job }: { job: Job }) {
  const { many } = useTexts();
  const progress: JobProgress = { ...job, cancelled: job.cancelledBy !== null };
  return (
    <>
      {many.progress(job.signal, progress)}
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

/** Cancels the job in place, or with a page of its own. Nothing once everything has been sent. */
function Cancel({ job, inPlace }: { job: Job; inPlace: boolean }) {
  const { texts, mayOperate } = useViewer();
  if (!mayOperate || job.waiting === 0 || job.cancelledBy !== null) return null;
  const path = `/kills/${job.id}/cancel`;
  const swap = { "hx-post": path, "hx-target": "#job", "hx-swap": "outerHTML" };
  return (
    <form method="post" action={path} {...(inPlace ? swap : {})}>
      <button id="job-cancel" type="submit" class="danger">
        {texts.many.cancel}
      </button>
    </form>
  );
}

function Outcomes({ outcomes, known }: { outcomes: readonly ChildOutcome[]; known: number }) {
  const { children, many, time } = useTexts();
  return (
    <>
      <p>{many.slowest(outcomes.length, known)}</p>
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
          {outcomes.map(({ child, outcome, receipt }) => (
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
