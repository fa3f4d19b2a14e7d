/** @jsxImportSource hono/jsx */
/** The children that have no client yet, apart from those that have one. */
import { formatBytes } from "../../shared/format.ts";
import type { Sample } from "../sample.ts";
import { Since } from "./children.tsx";

/** Spares that are listed at the most; they are all alike. */
const MOST_LISTED = 20;

export function Spares({ sample: { master, spares } }: { sample: Sample }) {
  if (master.spares === 0) return null;
  const ready = spares.filter(({ state }) => state === "ready").length;
  const more = spares.length - MOST_LISTED;
  return (
    <table>
      <caption>
        Spares: {ready} of {master.spares} ready for a client
        {more > 0 && `, ${MOST_LISTED} of ${spares.length} listed`}
      </caption>
      <thead>
        <tr>
          <th scope="col" class="number">
            PID
          </th>
          <th scope="col">Since</th>
          <th scope="col" class="number">
            Memory
          </th>
          <th scope="col">State</th>
        </tr>
      </thead>
      <tbody>
        {spares.slice(0, MOST_LISTED).map((spare) => (
          <tr id={`spare-${spare.pid}`}>
            <th scope="row" data-label="PID" class="number">
              {spare.pid}
            </th>
            <Since startedAt={spare.startedAt} />
            <td data-label="Memory" class="number">
              {spare.privateBytes < 0 ? "–" : formatBytes(spare.privateBytes)}
            </td>
            <td data-label="State" class="state">
              {spare.state}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
