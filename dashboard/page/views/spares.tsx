/** @jsxImportSource hono/jsx */
/** The children that have no client yet, in a table of their own. */
import { formatBytes } from "../../../shared/format.ts";
import { useTexts } from "../../http/viewer.tsx";
import type { Sample } from "../sample.ts";
import { Time } from "../../views/time.tsx";

/** Spares are all alike: a few are enough to see. */
const MAX_LISTED = 20;

export function Spares({ sample: { master, spares } }: { sample: Sample }) {
  const { spares: texts, children } = useTexts();
  if (master.spares === 0) return null;
  const ready = spares.filter(({ state }) => state === "ready").length;
  const isCut = spares.length > MAX_LISTED;
  return (
    <table>
      <caption>
        {texts.caption(ready, master.spares)}
        {isCut && texts.listed(MAX_LISTED, spares.length)}
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
        {spares.slice(0, MAX_LISTED).map((spare) => (
          <tr id={`spare-${spare.pid}`}>
            <th scope="row" data-label={children.columns.pid} class="number">
              {spare.pid}
            </th>
            <td data-label={children.columns.since}>
              <Time at={spare.startedAt} />
            </td>
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
