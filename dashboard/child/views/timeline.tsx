/** @jsxImportSource hono/jsx */
/** The timeline of a child: a bar in proportion, and the steps with the time that each took. */
import type { ChildSnapshot } from "../snapshot.ts";
import { useTexts } from "../../http/viewer.tsx";
import type { Texts } from "../../texts/en.ts";
import { type Phase, phases, type TimelineStep, timeline } from "../timeline.ts";
import { Time } from "../../views/time.tsx";

/** The size of the bar in units of its own; it is scaled to the available width. */
const BAR_WIDTH = 1000;
const BAR_HEIGHT = 12;

/** A phase too short to be visible is drawn this wide; the caption says how long it was. */
const MIN_PHASE_WIDTH = 8;

const BAD_ENDS: readonly string[] = [
  "service failed",
  "program failed",
  "crashed",
  "stuck",
  "misbehaved",
];

export function Timeline({ snapshot }: { snapshot: ChildSnapshot }) {
  const { session, log, at } = snapshot;
  const texts = useTexts();
  const { timeline: words } = texts.child;
  return (
    <>
      <Bar phases={phases(session, log, at)} />
      <ol class="steps">
        {timeline(session, log).map((step) => (
          <li data-step={nameOf(step)} data-tone={toneOf(step)}>
            <span class="at">
              <Time at={step.at} precision="milliseconds" />
            </span>
            <span class="what">{describe(step, texts)}</span>
            <span class="since" title={words.since}>
              {step.sincePreviousMs !== null && `+${formatLength(step.sincePreviousMs, texts)}`}
            </span>
            <span class="total" title={words.total}>
              {formatLength(step.sinceAcceptedMs, texts)}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}

function Bar({ phases }: { phases: readonly Phase[] }) {
  const texts = useTexts();
  const { timeline: words } = texts.child;
  const totalMs = phases.reduce((sum, { ms }) => sum + ms, 0);
  const room = BAR_WIDTH - MIN_PHASE_WIDTH * phases.length;
  let x = 0;
  const drawn = phases.map((phase) => {
    const width = MIN_PHASE_WIDTH + (room * phase.ms) / totalMs;
    x += width;
    return { ...phase, x: x - width, width };
  });
  return (
    <figure class="phases" aria-label={words.label}>
      <svg viewBox={`0 0 ${BAR_WIDTH} ${BAR_HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {drawn.map(({ name, x: left, width }) => (
          <rect
            class={classOf(name)}
            x={left.toFixed(1)}
            width={width.toFixed(1)}
            height={BAR_HEIGHT}
          />
        ))}
      </svg>
      <figcaption>
        {phases.map(({ name, ms }) => (
          <span class={classOf(name)}>
            {words.phases[name]} <b>{formatLength(ms, texts)}</b>
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

function classOf(name: Phase["name"]): string {
  return `phase-${name.split(" ")[0]}`;
}

function nameOf(step: TimelineStep): string {
  return step.step === "logged" ? step.event.event : step.step;
}

function toneOf(step: TimelineStep): "bad" | "notable" | undefined {
  if (step.step === "lost") return "notable";
  if (step.step === "ended") return isBadEnd(step.reason) ? "bad" : undefined;
  if (step.step !== "logged") return undefined;
  switch (step.event.event) {
    case "failed":
    case "overdue":
      return "bad";
    case "signal sent":
      return "notable";
    default:
      return undefined;
  }
}

export function isBadEnd(reason: string): boolean {
  return BAD_ENDS.includes(reason);
}

function describe(step: TimelineStep, texts: Texts): string {
  const { timeline: words } = texts.child;
  switch (step.step) {
    case "accepted":
      return words.accepted;
    case "serving":
      return words.serving;
    case "first reply":
      return words.firstReply;
    case "logged":
      return firstLine(texts.log.describe(step.event));
    case "ended":
      return words.ended(describeReason(step.reason, texts));
    case "lost":
      return words.lost;
  }
}

/** The log has the rest, such as a stack trace. */
function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}

export function describeReason(reason: ChildSnapshot["session"]["reason"], texts: Texts): string {
  const { reasons } = texts.child;
  return reason === "live" || reason === "lost" ? reasons[reason] : texts.endReason(reason);
}

/** Formats a duration, to a tenth of a millisecond if it is short and known as exactly. */
export function formatLength(ms: number, texts: Texts): string {
  return ms < 100 && !Number.isInteger(ms)
    ? texts.child.ms(ms.toFixed(1))
    : texts.time.duration(ms);
}
