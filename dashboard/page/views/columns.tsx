/** @jsxImportSource hono/jsx */
/** The columns of the table of children: what each shows, and what in it may change. */
import type { Child as Content } from "hono/jsx";
import { formatAddress } from "../../../shared/address.ts";
import type { SortKey } from "../../../shared/api.ts";
import { formatBytes } from "../../../shared/format.ts";
import type { Texts } from "../../texts/en.ts";
import { Time } from "../../views/time.tsx";
import { displayedState } from "../displayed-state.ts";
import type { Row } from "../sample.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

export interface Column {
  numeric?: true;
  descendingFirst?: true;
  /** Returns what may change in the cell: if it is the same, so is the cell. */
  version(row: Row, at: number): string | number | null | undefined;
  render(row: Row, at: number, texts: Texts): Content;
  /** The tooltip: the full text of a cell that may be cut off, or a related figure. */
  title?(row: Row, texts: Texts): string | undefined;
}

export const COLUMNS: Record<SortKey, Column> = {
  pid: {
    numeric: true,
    version: (row) => row.pid,
    render: (row) => <a href={`/children/${row.id}`}>{row.pid}</a>,
  },
  id: { version: () => null, render: (row) => row.id, title: (row) => row.id },
  client: { version: () => null, render: addressOf, title: addressOf },
  source: { version: () => null, render: (row) => row.source, title: (row) => row.source },
  since: { version: () => null, render: (row) => <Time at={row.startedAt} /> },
  reply: {
    numeric: true,
    descendingFirst: true,
    version: (row) => row.firstReplyMs,
    render: ({ firstReplyMs }) => (firstReplyMs === null ? "–" : `${firstReplyMs.toFixed(1)} ms`),
  },
  idle: {
    numeric: true,
    version: idleMs,
    render: (row, at, texts) => formatIdle(idleMs(row, at), texts),
  },
  cpu: {
    numeric: true,
    descendingFirst: true,
    version: (row) => row.cpuPercent.toFixed(1),
    render: (row) => `${row.cpuPercent.toFixed(1)} %`,
  },
  memory: {
    numeric: true,
    descendingFirst: true,
    version: (row) => `${row.privateBytes} ${row.residentBytes}`,
    render: (row) => formatKnownBytes(row.privateBytes),
    title: (row, { children }) => children.resident(formatBytes(row.residentBytes)),
  },
  resident: {
    numeric: true,
    descendingFirst: true,
    version: (row) => row.residentBytes,
    render: (row) => formatKnownBytes(row.residentBytes),
  },
  requests: {
    numeric: true,
    descendingFirst: true,
    version: (row) => row.requests,
    render: (row) => row.requests,
  },
  in: {
    numeric: true,
    descendingFirst: true,
    version: (row) => row.bytesIn,
    render: (row) => formatKnownBytes(row.bytesIn),
  },
  out: {
    numeric: true,
    descendingFirst: true,
    version: (row) => row.bytesOut,
    render: (row) => formatKnownBytes(row.bytesOut),
  },
  command: { version: commandOf, render: (row) => commandOf(row) ?? "–", title: commandOf },
  state: { version: displayedState, render: (row, _, texts) => texts.states[displayedState(row)] },
};

/** If children may start processes, the column shows those instead of the client's last command. */
export function columnTitle({ children }: Texts, key: SortKey, isBuiltIn: boolean): string {
  return key === "command" && !isBuiltIn ? children.runs : children.columns[key];
}

function addressOf(row: Row): string {
  return formatAddress(row.remoteAddress, row.remotePort);
}

function commandOf(row: Row): string | undefined {
  return (row.below === null ? row.lastCommand : row.below) || undefined;
}

/** A figure that is not known is null or negative. */
function formatKnownBytes(bytes: number | null): string {
  return bytes === null || bytes < 0 ? "–" : formatBytes(bytes);
}

/**
 * In milliseconds, and coarser the longer it is: a figure that changes every second
 * in every row is only noise.
 */
function idleMs({ lastActiveAt }: Row, at: number): number {
  const ms = Math.max(0, at - lastActiveAt);
  const step = ms < 10 * SECOND_MS ? SECOND_MS : ms < MINUTE_MS ? 10 * SECOND_MS : MINUTE_MS;
  return Math.floor(ms / step) * step;
}

function formatIdle(ms: number, { time }: Texts): string {
  if (ms < MINUTE_MS) return time.seconds(ms / SECOND_MS);
  return ms < HOUR_MS ? time.minutes(ms / MINUTE_MS) : time.duration(ms);
}
