/** @jsxImportSource hono/jsx */
/** The table of the live children. */
import { formatAddress } from "../../shared/address.ts";
import { formatBytes, formatDuration, formatTime } from "../../shared/format.ts";
import type { EndReason, Serves } from "../../shared/master.ts";
import type { Row } from "../sample.ts";
import { type Chosen, stateOf } from "../choose.ts";
import type { SortKey, View } from "../view.ts";
import { ViewLink } from "./link.tsx";

export const COLUMNS: readonly {
  key: SortKey;
  title: string;
  numeric?: true;
  descendingFirst?: true;
}[] = [
  { key: "pid", title: "PID", numeric: true },
  { key: "client", title: "Client" },
  { key: "since", title: "Since" },
  { key: "idle", title: "Idle", numeric: true },
  { key: "cpu", title: "CPU", numeric: true, descendingFirst: true },
  { key: "memory", title: "Memory", numeric: true, descendingFirst: true },
  { key: "in", title: "In", numeric: true, descendingFirst: true },
  { key: "out", title: "Out", numeric: true, descendingFirst: true },
  { key: "command", title: "Last command" },
  { key: "state", title: "State" },
];

type Column = (typeof COLUMNS)[number];

/** A child that may start processes is looked at for these, and not for what its client asks. */
export function titleOf({ key, title }: Column, serves: Serves): string {
  return key === "command" ? commandTitle(serves === "built-in") : title;
}

function commandTitle(isBuiltIn: boolean): string {
  return isBuiltIn ? "Last command" : "Runs";
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
  return (
    <table class="children" aria-label="Children">
      <thead>
        <tr>
          {COLUMNS.map((column) => (
            <Heading column={column} view={view} serves={serves} />
          ))}
          <th scope="col" class="actions">
            Kill
          </th>
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

/** What stands below the table when it does not show all. */
export function notShown({ rows, matching }: Chosen, live: number, view: View): string {
  if (live === 0) return "No clients. Each one that connects gets a child and a row here.";
  if (matching === 0) return `None of the ${live} children matches “${view.filter}”.`;
  if (matching === rows.length) return "";
  const which = view.filter === "" ? "children" : `children that match “${view.filter}”`;
  return `These are ${rows.length} of ${matching} ${which}. The filter finds the others.`;
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
        {titleOf(column, serves)}
      </ViewLink>
    </th>
  );
}

export function ChildRow({ row, at }: { row: Row; at: number }) {
  const address = formatAddress(row.remoteAddress, row.remotePort);
  return (
    <tr id={`row-${row.id}`} data-state={stateOf(row)} tabindex={-1}>
      <Figures row={row} at={at} address={address} />
      <td data-label="State" class="state">
        {stateOf(row)}
      </td>
      <td class="actions">
        <KillLinks id={row.id} pid={row.pid} address={address} />
      </td>
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
  const address = formatAddress(row.remoteAddress, row.remotePort);
  return (
    <tr id={`row-${row.id}`} data-state="ended" tabindex={-1}>
      <Figures row={row} at={at} address={address} />
      <td data-label="State" class="state">
        {reason}
      </td>
      <td class="actions" />
    </tr>
  );
}

function Figures({ row, at, address }: { row: Row; at: number; address: string }) {
  return (
    <>
      <th scope="row" data-label="PID" class="number">
        {row.pid}
      </th>
      <td data-label="Client" class="client" title={address}>
        {address}
      </td>
      <Since startedAt={row.startedAt} />
      <td data-label="Idle" class="number">
        {formatIdle(at - row.lastActiveAt)}
      </td>
      <td data-label="CPU" class="number">
        {row.cpuPercent.toFixed(1)} %
      </td>
      <td data-label="Memory" class="number" title={`resident ${formatBytes(row.residentBytes)}`}>
        {row.privateBytes < 0 ? "–" : formatBytes(row.privateBytes)}
      </td>
      <td data-label="In" class="number">
        {row.bytesIn === null ? "–" : formatBytes(row.bytesIn)}
      </td>
      <td data-label="Out" class="number">
        {row.bytesOut === null ? "–" : formatBytes(row.bytesOut)}
      </td>
      <td data-label={commandTitle(row.below === null)} class="command" title={commandOf(row)}>
        {commandOf(row) ?? "–"}
      </td>
    </>
  );
}

export function Since({ startedAt }: { startedAt: number }) {
  return (
    <td data-label="Since">
      <time datetime={new Date(startedAt).toISOString()}>{formatTime(startedAt).slice(0, 8)}</time>
    </td>
  );
}

/** A button for TERM, and one that opens the menu of the other signals. */
export function KillLinks({ id, pid, address }: { id: string; pid: number; address: string }) {
  const whom = `pid ${pid}, client ${address}`;
  return (
    <>
      <a class="kill" href={`/children/${id}/kill?signal=TERM`} aria-label={`Kill ${whom}`}>
        Kill
      </a>
      <a
        class="signals"
        href={`/children/${id}/kill`}
        data-whom={whom}
        aria-haspopup="true"
        aria-label={`Other signals for ${whom}`}
      >
        ▾
      </a>
    </>
  );
}

/** All that a row shows and that may change, as a key: rows with the same are the same. */
export function lookOf(row: Row, at: number): string {
  const { cpuPercent, privateBytes, residentBytes, bytesIn, bytesOut } = row;
  const idle = formatIdle(at - row.lastActiveAt);
  const use = [cpuPercent.toFixed(1), privateBytes, residentBytes];
  return [stateOf(row), row.pid, idle, ...use, bytesIn, bytesOut, commandOf(row)].join("\0");
}

/** Coarser the longer it lasts: a figure that changes each second in each row is only noise. */
function formatIdle(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 10) return `${seconds} s`;
  if (seconds < 60) return `${Math.floor(seconds / 10) * 10} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return formatDuration(Math.floor(ms / 60_000) * 60_000);
}
