/** @jsxImportSource hono/jsx */
/** The question before a signal is sent to a child, and the outcome after it. */
import { formatAddress } from "../../../shared/address.ts";
import type { Child } from "../../../shared/master.ts";
import { KILL_GRACE_MS, isTerminating, type Signal, SIGNALS } from "../../../shared/signals.ts";
import { useViewer, useTexts } from "../../http/viewer.tsx";
import { SubmitButtons } from "../../views/submit-buttons.tsx";
import { Time } from "../../views/time.tsx";

/** For forms in the page's dialog: the response goes into the page's outcome line, errors too. */
export const RESPONSE_ATTRIBUTES = {
  "hx-target": "#outcome",
  "hx-swap": "innerHTML",
  "hx-status:400": "target:#outcome",
  "hx-status:404": "target:#outcome",
  "hx-status:410": "target:#outcome",
  "hx-status:429": "target:#outcome",
  "hx-status:503": "target:#outcome",
};

interface ConfirmProps {
  child: Child;
  signal: Signal;
  inDialog: boolean;
}

/** Names the child: in a list that moves, the row that was clicked may not be the intended one. */
export function Confirm({ child, signal, inDialog }: ConfirmProps) {
  const { kill } = useTexts();
  const path = killPath(child.id);
  return (
    <form
      class="confirm"
      method="post"
      action={path}
      {...(inDialog ? { "hx-post": path, ...RESPONSE_ATTRIBUTES } : {})}
    >
      <h2 id="dialog-title">{kill.question(signal, child.pid)}</h2>
      <ChildSummary child={child} />
      <p>{kill.meaning(signal, kill.meanings[signal])}</p>
      <ConfirmButtons
        signal={signal}
        thenKill={kill.thenKill(KILL_GRACE_MS / 1000)}
        send={kill.send(signal, child.pid)}
      />
    </form>
  );
}

/** The end of each question about a signal: whether KILL follows, Cancel and Send. */
export function ConfirmButtons({
  signal,
  thenKill,
  send,
}: {
  signal: Signal;
  thenKill: string;
  send: string;
}) {
  return (
    <>
      <input type="hidden" name="signal" value={signal} />
      {isTerminating(signal) && signal !== "KILL" && (
        <p>
          <label>
            <input type="checkbox" name="then" value="KILL" checked /> {thenKill}
          </label>
        </p>
      )}
      <SubmitButtons label={send} />
    </>
  );
}

/** The menu of signals as a page, for a browser without JavaScript. */
export function ChooseSignal({ child, contents }: { child: Child; contents: boolean }) {
  const { kill, many } = useTexts();
  return (
    <div class="confirm">
      <h2 id="dialog-title">{kill.chooseSignal(child.pid)}</h2>
      <ChildSummary child={child} />
      <ul>
        {SIGNALS.map((signal) => (
          <li>
            <a href={`${killPath(child.id)}?signal=${signal}${contents ? "" : "&contents=0"}`}>
              {signal}
            </a>{" "}
            {kill.meanings[signal]}
          </li>
        ))}
        <li>
          <a href={`/kill?${new URLSearchParams({ source: child.source })}`}>
            {many.killSource(child.source)}
          </a>
        </li>
      </ul>
      <p class="buttons">
        <a class="button" href="/" data-close>
          {kill.cancel}
        </a>
      </p>
    </div>
  );
}

function ChildSummary({ child }: { child: Child }) {
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

/** One sentence about what happened. */
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

/**
 * The parts of a page that ask before a signal is sent: the menu of signals, and the dialog for the
 * question. `bySource`: the menu can also select all children of the same source.
 */
export function KillDialogParts({ bySource = false }: { bySource?: boolean }) {
  const { texts, mayOperate } = useViewer();
  if (!mayOperate) return null;
  return (
    <>
      <SignalMenu bySource={bySource} />
      <dialog
        id="dialog"
        aria-labelledby="dialog-title"
        data-no-answer={texts.kill.noAnswer}
        data-unsure={texts.kill.unsure}
      />
    </>
  );
}

/** The other signals. The script opens the menu beside a child's button, for that child. */
function SignalMenu({ bySource }: { bySource: boolean }) {
  const { many } = useTexts();
  return (
    <div id="menu" popover="auto" role="menu" aria-labelledby="menu-title">
      <p id="menu-title" />
      {SIGNALS.filter((signal) => signal !== "TERM").map((signal) => (
        <a role="menuitem" href="/" data-signal={signal}>
          {signal}
        </a>
      ))}
      {bySource && (
        <a id="select-source" role="menuitem" href="/" data-text={many.selectSource("#")} />
      )}
    </div>
  );
}
