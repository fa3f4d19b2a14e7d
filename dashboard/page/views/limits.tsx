/** @jsxImportSource hono/jsx */
/** The current limits, the clients refused, and a notice while the master accepts no clients. */
import type { MasterStatus } from "../../../shared/master.ts";
import { useTexts } from "../../http/viewer.tsx";
import type { Sample } from "../sample.ts";
import { Time } from "../../views/time.tsx";

/** One line at the bottom of the page; empty while clients are accepted. */
export function StatusNotice({ sample: { master, at } }: { sample: Sample }) {
  const { notice } = useTexts();
  const seconds = Math.ceil(Math.max(0, (master.until ?? at) - at) / 1000);
  switch (master.state) {
    case "accepting":
      return null;
    case "paused":
      return (
        <p>
          {master.pausedBy === null
            ? notice.outOfDescriptors(seconds)
            : notice.paused(master.pausedBy)}
        </p>
      );
    case "draining":
      return <p>{notice.draining(master.live, seconds)}</p>;
    case "stopping":
      return <p>{notice.stopping(master.live)}</p>;
  }
}

export function Refused({ master: { refused, refusals, waiting } }: { master: MasterStatus }) {
  const texts = useTexts().refused;
  return (
    <>
      <p>
        {refused === 0 ? texts.none : texts.count(refused)}
        {waiting > 0 && ` ${texts.waiting(waiting)}`}
      </p>
      {refusals.length > 0 && (
        <table aria-label={texts.label}>
          <thead>
            <tr>
              <th scope="col">{texts.reason}</th>
              <th scope="col" class="number">
                {texts.refused}
              </th>
              <th scope="col">{texts.last}</th>
              <th scope="col">{texts.lastFrom}</th>
            </tr>
          </thead>
          <tbody>
            {refusals.map(({ reason, count, lastAt, lastAddress }) => (
              <tr>
                <th scope="row">{texts.reasons(reason)}</th>
                <td data-label={texts.refused} class="number">
                  {count.toLocaleString("en")}
                </td>
                <td data-label={texts.last}>
                  <Time at={lastAt} />
                </td>
                <td data-label={texts.lastFrom}>{lastAddress}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

export function CurrentLimits({ master }: { master: MasterStatus }) {
  const { limits } = useTexts();
  return (
    <>
      <dl>
        {master.limits.map(({ name, value }) => (
          <div class="figure">
            <dt title={limits.name(name) === name ? undefined : name}>{limits.name(name)}</dt>
            <dd>{limits.value(value)}</dd>
          </div>
        ))}
      </dl>
      <p>{limits.confined(master.confinement)}</p>
    </>
  );
}
