/** @jsxImportSource hono/jsx */
/** A child's life: in proportion as a bar, and step by step with the time that each took. */
import type { ChildSnapshot } from "../snapshot.ts";
import { useTexts } from "../../http/viewer.tsx";
import type { Texts } from "../../texts/en.ts";
import { type Phase, phases, type TimelineStep, timeline } from "../timeline.ts";
import { Time } from "../../views/time.tsx";

export function Timeline({ look }: { look: ChildSnapshot }) {
  const { session, log, at } = look;
  const texts = useTexts();
  const { timeline: words } = texts.child;
  return (
    <>
      <Bar parts={phases(session, log, at)} />
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

/** Wide and high as its own units; drawn as wide as there is room. */
const WIDTH = 1000;
const HEIGHT = 12;

/** What is too short to be seen is drawn so wide: the figures say how long it was. */
const LEAST = 8;

function Bar({ parts }: { parts: readonly Phase[] }) {
  const texts = useTexts();
  const { timeline: words } = texts.child;
  const all = parts.reduce((sum, { ms }) => sum + ms, 0);
  const room = WIDTH - LEAST * parts.length;
  let x = 0;
  const drawn = parts.map((part) => {
    const width = LEAST + (room * part.ms) / all;
    x += width;
    return { ...part, x: x - width, width };
  });
  return (
    <figure class="phases" aria-label={words.label}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {drawn.map(({ name, x: left, width }) => (
          <rect
            class={classOf(name)}
            x={left.toFixed(1)}
            width={width.toFixed(1)}
            height={HEIGHT}
          />
        ))}
      </svg>
      <figcaption>
        {parts.map(({ name, ms }) => (
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
  return step.step === "told" ? step.event.event : step.step;
}

function toneOf(step: TimelineStep): "bad" | "notable" | undefined {
  if (step.step === "lost") return "notable";
  if (step.step === "ended") return isBadEnd(step.reason) ? "bad" : undefined;
  if (step.step !== "told") return undefined;
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

const BAD_ENDS: readonly string[] = [
  "service failed",
  "program failed",
  "crashed",
  "stuck",
  "misbehaved",
];

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
    case "told":
      return firstLine(texts.log.describe(step.event));
    case "ended":
      return words.ended(describeReason(step.reason, texts));
    case "lost":
      return words.lost;
  }
}

/** A stack is for the log. */
function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}

export function describeReason(reason: ChildSnapshot["session"]["reason"], texts: Texts): string {
  const { reasons } = texts.child;
  return reason === "live" || reason === "lost" ? reasons[reason] : texts.endReason(reason);
}

/** A length of time; to the tenth where it is short and known so well. */
export function formatLength(ms: number, texts: Texts): string {
  return ms < 100 && !Number.isInteger(ms)
    ? texts.child.ms(ms.toFixed(1))
    : texts.time.duration(ms);
}
