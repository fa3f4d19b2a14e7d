/** @jsxImportSource hono/jsx */
/** The children that have no client yet, apart from those that have one. */
import { formatBytes } from "../../../shared/format.ts";
import { useTexts } from "../../http/viewer.tsx";
import type { Sample } from "../sample.ts";
import { Since } from "./children.tsx";

/** Spares that are listed at the most; they are all alike. */
const MOST_LISTED = 20;

export function Spares({ sample: { master, spares } }: { sample: Sample }) {
  const { spares: texts, children } = useTexts();
  if (master.spares === 0) return null;
  const ready = spares.filter(({ state }) => state === "ready").length;
  const more = spares.length - MOST_LISTED;
  return (
    <table>
      <caption>
        {texts.caption(ready, master.spares)}
        {more > 0 && texts.listed(MOST_LISTED, spares.length)}
      </caption>
      <thead>
        <tr>
          <th scope="col" class="number">
            {children.columns.pid}
          </th>
          <th scope="col">{children.columns.since}</th>
          <th scope="col" class="number">
            {children.columns.memory}
          </th>
          <th scope="col">{children.columns.state}</th>
        </tr>
      </thead>
      <tbody>
        {spares.slice(0, MOST_LISTED).map((spare) => (
          <tr id={`spare-${spare.pid}`}>
            <th scope="row" data-label={children.columns.pid} class="number">
              {spare.pid}
            </th>
            <Since startedAt={spare.startedAt} />
            <td data-label={children.columns.memory} class="number">
              {spare.privateBytes < 0 ? "–" : formatBytes(spare.privateBytes)}
            </td>
            <td data-label={children.columns.state} class="state">
              {texts.states[spare.state]}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
