/** @jsxImportSource hono/jsx */
/** The question before a signal is sent, and the answer after it. */
import { formatAddress } from "../../shared/address.ts";
import type { Child } from "../../shared/master.ts";
import { GRACE, isToEnd, type Signal, SIGNALS } from "../../shared/signals.ts";
import { useTexts } from "../reader.tsx";
import { Time } from "./time.tsx";

/** These errors are answers too, and have their place. */
export const ANSWERED = {
  "hx-status:400": "target:#outcome",
  "hx-status:404": "target:#outcome",
  "hx-status:410": "target:#outcome",
  "hx-status:503": "target:#outcome",
};

/** Names whom it is about: in a list that moves, the row that was clicked may not be the one meant. */
export function Confirm({ child, signal }: { child: Child; signal: Signal }) {
  const { kill } = useTexts();
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
      <h2 id="dialog-title">{kill.question(signal, child.pid)}</h2>
      <Whom child={child} />
      <p>{kill.meaning(signal, kill.meanings[signal])}</p>
      <input type="hidden" name="signal" value={signal} />
      {isToEnd(signal) && signal !== "KILL" && (
        <p>
          <label>
            <input type="checkbox" name="then" value="KILL" checked /> {kill.thenKill(GRACE / 1000)}
          </label>
        </p>
      )}
      <p class="choice">
        <a class="button" href="/" data-close autofocus>
          {kill.cancel}
        </a>
        <button type="submit" class="danger">
          {kill.send(signal, child.pid)}
        </button>
      </p>
    </form>
  );
}

/** The menu of signals as a page, for a browser without JavaScript. */
export function ChooseSignal({ child }: { child: Child }) {
  const { kill } = useTexts();
  return (
    <div class="confirm">
      <h2 id="dialog-title">{kill.which(child.pid)}</h2>
      <Whom child={child} />
      <ul>
        {SIGNALS.map((signal) => (
          <li>
            <a href={`${killPath(child.id)}?signal=${signal}`}>{signal}</a> {kill.meanings[signal]}
          </li>
        ))}
      </ul>
      <p class="choice">
        <a class="button" href="/" data-close>
          {kill.cancel}
        </a>
      </p>
    </div>
  );
}

function Whom({ child }: { child: Child }) {
  const address = formatAddress(child.remoteAddress, child.remotePort);
  const command = child.lastCommand !== null && <code>{child.lastCommand}</code>;
  return (
    <p>
      {useTexts().kill.client(
        <strong>{address}</strong>,
        <Time at={child.startedAt} />,
        command || null,
      )}
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
