/** @jsxImportSource hono/jsx */
/** The resource limits of a process: getrlimit(2). */
import { formatBytes, formatDuration } from "../../../shared/format.ts";
import {
  isUnreadable,
  type ResourceLimit,
  type Readable,
} from "../../../shared/process-details.ts";
import { useTexts } from "../../http/viewer.tsx";
import type { Texts } from "../../texts/en.ts";
import { Unreadable } from "./unreadable.tsx";

export function Limits({ limits }: { limits: Readable<readonly ResourceLimit[]> }) {
  const { process: words } = useTexts().child;
  return (
    <details id="process-limits">
      <summary>{words.limits}</summary>
      {isUnreadable(limits) ? (
        <p>
          <Unreadable code={limits.unreadable} />
        </p>
      ) : (
        <table aria-label={words.limits}>
          <thead>
            <tr>
              <th scope="col">{words.limit}</th>
              <th scope="col" class="number">
                {words.soft}
              </th>
              <th scope="col" class="number">
                {words.hard}
              </th>
            </tr>
          </thead>
          <tbody>
            {limits.map(({ name, soft, hard, unit }) => (
              <tr>
                <th scope="row">{words.limitName(name)}</th>
                <td class="number">{formatAmount(soft, unit, words)}</td>
                <td class="number">{formatAmount(hard, unit, words)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
}

function formatAmount(
  value: number | null,
  unit: string,
  words: Texts["child"]["process"],
): string {
  if (value === null) return words.unlimited;
  if (unit === "bytes") return formatBytes(value);
  if (unit === "seconds") return formatDuration(value * 1000);
  if (unit === "us") return formatDuration(value / 1000);
  return value.toLocaleString();
}
