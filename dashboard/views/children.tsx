/** @jsxImportSource hono/jsx */
/** The table of the live children. */
import { formatAddress } from "../../shared/address.ts";
import { formatBytes } from "../../shared/format.ts";
import type { EndReason, Serves } from "../../shared/master.ts";
import { useReader, useTexts } from "../reader.tsx";
import type { Row } from "../sample.ts";
import type { Texts } from "../texts/en.ts";
import { type Chosen, type SortKey, stateOf, type View } from "../view.ts";
import { ViewLink } from "./link.tsx";
import { Time } from "./time.tsx";

export const COLUMNS: readonly {
  key: SortKey;
  numeric?: true;
  descendingFirst?: true;
}[] = [
  { key: "pid", numeric: true },
  { key: "client" },
  { key: "since" },
  { key: "idle", numeric: true },
  { key: "cpu", numeric: true, descendingFirst: true },
  { key: "memory", numeric: true, descendingFirst: true },
  { key: "in", numeric: true, descendingFirst: true },
  { key: "out", numeric: true, descendingFirst: true },
  { key: "command" },
  { key: "state" },
];

type Column = (typeof COLUMNS)[number];

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A child that may start processes is looked at for these, and not for what its client asks. */
export function titleOf({ children }: Texts, { key }: Column, serves: Serves): string {
  const runs = key === "command" && serves !== "built-in";
  return runs ? children.runs : children.columns[key];
}

function commandOf(row: Row): string | undefined {
  return (row.below === null ? row.lastCommand : row.below) || undefined;
}

interface Props {
  rows: readonly Row[];
  view: View;
  at: number;
  serves: Serves;
}

export function Children({ rows, view, at, serves }: Props) {
  const { texts, mayOperate } = useReader();
  return (
    <table class="children" aria-label={texts.children.title}>
      <thead>
        <tr>
          {COLUMNS.map((column) => (
            <Heading column={column} view={view} serves={serves} />
          ))}
          {mayOperate && (
            <th scope="col" class="actions">
              {texts.kill.kill}
            </th>
          )}
        </tr>
      </thead>
      <tbody id="rows" data-order={rows.map((row) => row.id).join(" ")}>
        {rows.map((row) => (
          <ChildRow row={row} at={at} />
        ))}
      </tbody>
    </table>
  );
}

interface NotShownProps {
  chosen: Chosen;
  live: number;
  view: View;
}

/** What stands below the table when it does not show all. */
export function NotShown({ chosen: { rows, matching }, live, view }: NotShownProps) {
  const { children } = useTexts();
  if (live === 0) return children.none;
  if (matching === 0) return children.noMatch(live, view.filter);
  if (matching === rows.length) return "";
  return children.some(rows.length, matching, view.filter);
}

interface HeadingProps {
  column: Column;
  view: View;
  serves: Serves;
}

function Heading({ column, view, serves }: HeadingProps) {
  const { key, numeric, descendingFirst = false } = column;
  const sorted = view.sort === key;
  const order = view.descending ? "descending" : "ascending";
  const descending = sorted ? !view.descending : descendingFirst;
  return (
    <th
      scope="col"
      data-column={key}
      class={numeric && "number"}
      aria-sort={sorted ? order : undefined}
    >
      <ViewLink view={view} change={{ sort: key, descending }} id={`sort-${key}`}>
        {titleOf(useTexts(), column, serves)}
      </ViewLink>
    </th>
  );
}

export function ChildRow({ row, at }: { row: Row; at: number }) {
  const { texts, mayOperate } = useReader();
  const address = formatAddress(row.remoteAddress, row.remotePort);
  return (
    <tr id={`row-${row.id}`} data-state={stateOf(row)} tabindex={-1}>
      <Figures row={row} at={at} address={address} />
      <td data-label={texts.children.columns.state} class="state">
        {texts.states[stateOf(row)]}
      </td>
      {mayOperate && (
        <td class="actions">
          <KillLinks id={row.id} pid={row.pid} address={address} />
        </td>
      )}
    </tr>
  );
}

/** The row of a child that has ended: it keeps its place until no pointer or focus is near. */
export function EndedRow({
  row,
  at,
  reason,
}: {
  row: Row;
  at: number;
  reason: EndReason | "ended";
}) {
  const { texts, mayOperate } = useReader();
  const address = formatAddress(row.remoteAddress, row.remotePort);
  return (
    <tr id={`row-${row.id}`} data-state="ended" tabindex={-1}>
      <Figures row={row} at={at} address={address} />
      <td data-label={texts.children.columns.state} class="state">
        {texts.endReason(reason)}
      </td>
      {mayOperate && <td class="actions" />}
    </tr>
  );
}

function Figures({ row, at, address }: { row: Row; at: number; address: string }) {
  const { columns, runs, resident } = useTexts().children;
  return (
    <>
      <th scope="row" data-label={columns.pid} class="number">
        {row.pid}
      </th>
      <td data-label={columns.client} class="client" title={address}>
        {address}
      </td>
      <Since startedAt={row.startedAt} />
      <td data-label={columns.idle} class="number">
        <Idle ms={idleOf(row, at)} />
      </td>
      <td data-label={columns.cpu} class="number">
        {row.cpuPercent.toFixed(1)} %
      </td>
      <td
        data-label={columns.memory}
        class="number"
        title={resident(formatBytes(row.residentBytes))}
      >
        {row.privateBytes < 0 ? "–" : formatBytes(row.privateBytes)}
      </td>
      <td data-label={columns.in} class="number">
        {row.bytesIn === null ? "–" : formatBytes(row.bytesIn)}
      </td>
      <td data-label={columns.out} class="number">
        {row.bytesOut === null ? "–" : formatBytes(row.bytesOut)}
      </td>
      <td
        data-label={row.below === null ? columns.command : runs}
        class="command"
        title={commandOf(row)}
      >
        {commandOf(row) ?? "–"}
      </td>
    </>
  );
}

export function Since({ startedAt }: { startedAt: number }) {
  return (
    <td data-label={useTexts().children.columns.since}>
      <Time at={startedAt} />
    </td>
  );
}

/** A button for TERM, and one that opens the menu of the other signals. */
export function KillLinks({ id, pid, address }: { id: string; pid: number; address: string }) {
  const { kill } = useTexts();
  const whom = kill.whom(pid, address);
  return (
    <>
      <a class="kill" href={`/children/${id}/kill?signal=TERM`} aria-label={kill.killWhom(whom)}>
        {kill.kill}
      </a>
      <a
        class="signals"
        href={`/children/${id}/kill`}
        data-whom={whom}
        aria-haspopup="true"
        aria-label={kill.signalsForWhom(whom)}
      >
        ▾
      </a>
    </>
  );
}

/** All that a row shows and that may change, as a key: rows with the same are the same. */
export function lookOf(row: Row, at: number): string {
  const { cpuPercent, privateBytes, residentBytes, bytesIn, bytesOut } = row;
  const idle = idleOf(row, at);
  const use = [cpuPercent.toFixed(1), privateBytes, residentBytes];
  return [stateOf(row), row.pid, idle, ...use, bytesIn, bytesOut, commandOf(row)].join("\0");
}

/** In ms, coarser the longer it lasts: a figure that changes each second in each row is only noise. */
function idleOf({ lastActiveAt }: Row, at: number): number {
  const ms = Math.max(0, at - lastActiveAt);
  const step = ms < 10 * SECOND ? SECOND : ms < MINUTE ? 10 * SECOND : MINUTE;
  return Math.floor(ms / step) * step;
}

function Idle({ ms }: { ms: number }) {
  const { seconds, minutes, duration } = useTexts().time;
  if (ms < MINUTE) return seconds(ms / SECOND);
  return ms < HOUR ? minutes(ms / MINUTE) : duration(ms);
}
