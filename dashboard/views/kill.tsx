/** @jsxImportSource hono/jsx */
/** The question before a signal is sent, and the answer after it. */
import { formatAddress } from "../../shared/address.ts";
import { formatTime } from "../../shared/format.ts";
import type { Child } from "../../shared/master.ts";
import { GRACE, isToEnd, type Signal, SIGNALS } from "../../shared/signals.ts";

const MEANING: Record<Signal, string> = {
  TERM: "asks the child to end; its client is disconnected",
  INT: "interrupts the child, as Ctrl-C would; its client is disconnected",
  HUP: "tells the child that its terminal is gone; its client is disconnected",
  KILL: "ends the child at once, whatever state it is in; its client is disconnected",
  STOP: "freezes the child; its client waits until CONT",
  CONT: "lets a frozen child go on",
};

/** These errors are answers too, and have their place. */
const ANSWERED = {
  "hx-status:400": "target:#outcome",
  "hx-status:404": "target:#outcome",
  "hx-status:410": "target:#outcome",
};

/** Names whom it is about: in a list that moves, the row that was clicked may not be the one meant. */
export function Confirm({ child, signal }: { child: Child; signal: Signal }) {
  return (
    <form
      class="confirm"
      method="post"
      action={killPath(child.id)}
      hx-post={killPath(child.id)}
      hx-target="#outcome"
      hx-swap="innerHTML"
      {...ANSWERED}
    >
      <h2 id="dialog-title">
        Send {signal} to pid {child.pid}?
      </h2>
      <Whom child={child} />
      <p>
        {signal} {MEANING[signal]}.
      </p>
      <input type="hidden" name="signal" value={signal} />
      {isToEnd(signal) && signal !== "KILL" && (
        <p>
          <label>
            <input type="checkbox" name="then" value="KILL" checked /> then KILL, if it is still
            there after {GRACE / 1000} s
          </label>
        </p>
      )}
      <p class="choice">
        <a class="button" href="/" data-close autofocus>
          Cancel
        </a>
        <button type="submit" class="danger">
          Send {signal} to pid {child.pid}
        </button>
      </p>
    </form>
  );
}

/** The menu of signals as a page, for a browser without JavaScript. */
export function ChooseSignal({ child }: { child: Child }) {
  return (
    <div class="confirm">
      <h2 id="dialog-title">Which signal for pid {child.pid}?</h2>
      <Whom child={child} />
      <ul>
        {SIGNALS.map((signal) => (
          <li>
            <a href={`${killPath(child.id)}?signal=${signal}`}>{signal}</a> {MEANING[signal]}
          </li>
        ))}
      </ul>
      <p class="choice">
        <a class="button" href="/" data-close>
          Cancel
        </a>
      </p>
    </div>
  );
}

function Whom({ child }: { child: Child }) {
  return (
    <p>
      Its client is <strong>{formatAddress(child.remoteAddress, child.remotePort)}</strong>, here
      since {formatTime(child.startedAt).slice(0, 8)}
      {child.lastCommand !== null && (
        <>
          , last command <code>{child.lastCommand}</code>
        </>
      )}
      .
    </p>
  );
}

/** One sentence: what became of it. */
export function Outcome({ text, good }: { text: string; good: boolean }) {
  return (
    <p class="outcome" data-tone={good ? "good" : "bad"}>
      {text}
    </p>
  );
}

function killPath(id: string): string {
  return `/children/${id}/kill`;
}
