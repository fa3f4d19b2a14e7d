/** @jsxImportSource hono/jsx */
/** Who was not let in and why, what limits are in force, and when the master accepts nobody. */
import { formatTime } from "../../shared/format.ts";
import type { MasterStatus } from "../../shared/master.ts";
import type { Sample } from "../sample.ts";

/** One line above all else; empty while clients are accepted. */
export function Notice({ sample: { master, at } }: { sample: Sample }) {
  const seconds = Math.ceil(Math.max(0, (master.until ?? at) - at) / 1000);
  const left = seconds === 1 ? "1 second" : `${seconds} seconds`;
  const children = master.live === 1 ? "1 child" : `${master.live} children`;
  switch (master.state) {
    case "accepting":
      return null;
    case "paused":
      return <p>Accepting is paused: no descriptors are left. It goes on in {left}.</p>;
    case "draining":
      return (
        <p>
          Draining: {children} left; they are ended in {left}.
        </p>
      );
    case "stopping":
      return <p>Stopping: {children} left.</p>;
  }
}

export function Refused({ master: { refused, refusals, waiting } }: { master: MasterStatus }) {
  return (
    <>
      <p>
        {refused === 0 ? "Nobody was refused." : `${refused.toLocaleString("en")} refused.`}
        {waiting > 0 && ` ${waiting.toLocaleString("en")} wait for room.`}
      </p>
      {refusals.length > 0 && (
        <table aria-label="Refused">
          <thead>
            <tr>
              <th scope="col">Reason</th>
              <th scope="col" class="number">
                Refused
              </th>
              <th scope="col">Last</th>
              <th scope="col">Last from</th>
            </tr>
          </thead>
          <tbody>
            {refusals.map(({ reason, count, lastAt, lastAddress }) => (
              <tr>
                <th scope="row">{reason}</th>
                <td data-label="Refused" class="number">
                  {count.toLocaleString("en")}
                </td>
                <td data-label="Last">
                  <time datetime={new Date(lastAt).toISOString()}>
                    {formatTime(lastAt).slice(0, 8)}
                  </time>
                </td>
                <td data-label="Last from">{lastAddress}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

export function InForce({ master }: { master: MasterStatus }) {
  return (
    <>
      <dl>
        {master.limits.map(({ name, value }) => (
          <div class="figure">
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p>{master.confinement}</p>
    </>
  );
}
