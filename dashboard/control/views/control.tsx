/** @jsxImportSource hono/jsx */
/** What an operator can do with the whole server, and the question before it ends. */
import type { MasterStatus } from "../../../shared/master.ts";
import { useViewer, useTexts } from "../../http/viewer.tsx";
import { RESPONSE_ATTRIBUTES } from "../../kill/views/kill.tsx";
import { SubmitButtons } from "../../views/submit-buttons.tsx";

/** Nothing for viewers who may only watch, or while the server stops. */
export function Control({ master: { state } }: { master: MasterStatus }) {
  const { mayOperate, texts } = useViewer();
  if (!mayOperate || state === "draining" || state === "stopping") return null;
  const { control } = texts;
  const action = state === "paused" ? "resume" : "pause";
  const path = `/control/${action}`;
  return (
    <>
      <form
        id={`${action}-accepting`}
        method="post"
        action={path}
        hx-post={path}
        {...RESPONSE_ATTRIBUTES}
      >
        <button type="submit">{control[action]}</button>
      </form>
      <a class="button" href="/control/drain" data-question>
        {control.drain}
      </a>
    </>
  );
}

const DRAIN_MINUTES = [1, 5, 10, 30, 60];

export function ConfirmDrain({ live, inDialog }: { live: number; inDialog: boolean }) {
  const { control, time } = useTexts();
  return (
    <form
      class="confirm"
      method="post"
      action="/control/drain"
      {...(inDialog ? { "hx-post": "/control/drain", ...RESPONSE_ATTRIBUTES } : {})}
    >
      <h2 id="dialog-title">{control.question}</h2>
      <p>{control.meaning(live)}</p>
      <p>
        <label>
          {control.time}{" "}
          <select name="time">
            {DRAIN_MINUTES.map((minutes) => (
              <option value={`${minutes}m`} selected={minutes === 10}>
                {time.minutes(minutes)}
              </option>
            ))}
          </select>
        </label>
      </p>
      <SubmitButtons label={control.start} />
    </form>
  );
}
