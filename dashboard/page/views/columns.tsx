/** @jsxImportSource hono/jsx */
/** The columns of the table of children: what stands in each, and what of it may change. */
import type { Child as Content } from "hono/jsx";
import { formatAddress } from "../../../shared/address.ts";
import type { SortKey } from "../../../shared/api.ts";
import { formatBytes } from "../../../shared/format.ts";
import { displayedState } from "../select-rows.ts";
import type { Row } from "../sample.ts";
import type { Texts } from "../../texts/en.ts";
import { Time } from "../../views/time.tsx";

export interface Column {
  numeric?: true;
  descendingFirst?: true;
  /** As long as this is the same, the cell is. */
  key(row: Row, at: number): string | number | null | undefined;
  render(row: Row, at: number, texts: Texts): Content;
  /** The whole of what is cut off, or what belongs to it. */
  title?(row: Row, texts: Texts): string | undefined;
}

export const COLUMNS: Record<SortKey, Column> = {
  pid: {
    numeric: true,
    key: (row) => row.pid,
    render: (row) => <a href={`/children/${row.id}`}>{row.pid}</a>,
  },
  id: { key: () => null, render: (row) => row.id, title: (row) => row.id },
  client: { key: () => null, render: addressOf, title: addressOf },
  source: { key: () => null, render: (row) => row.source, title: (row) => row.source },
  since: { key: () => null, render: (row) => <Time at={row.startedAt} /> },
  reply: {
    numeric: true,
    descendingFirst: true,
    key: (row) => row.firstReplyMs,
    render: ({ firstReplyMs }) => (firstReplyMs === null ? "–" : `${firstReplyMs.toFixed(1)} ms`),
  },
  idle: {
    numeric: true,
    key: idleOf,
    render: (row, at, texts) => showIdle(idleOf(row, at), texts),
  },
  cpu: {
    numeric: true,
    descendingFirst: true,
    key: (row) => row.cpuPercent.toFixed(1),
    render: (row) => `${row.cpuPercent.toFixed(1)} %`,
  },
  memory: {
    numeric: true,
    descendingFirst: true,
    key: (row) => `${row.privateBytes} ${row.residentBytes}`,
    render: (row) => showBytes(row.privateBytes),
    title: (row, { children }) => children.resident(formatBytes(row.residentBytes)),
  },
  resident: {
    numeric: true,
    descendingFirst: true,
    key: (row) => row.residentBytes,
    render: (row) => showBytes(row.residentBytes),
  },
  requests: {
    numeric: true,
    descendingFirst: true,
    key: (row) => row.requests,
    render: (row) => row.requests,
  },
  in: {
    numeric: true,
    descendingFirst: true,
    key: (row) => row.bytesIn,
    render: (row) => showBytes(row.bytesIn),
  },
  out: {
    numeric: true,
    descendingFirst: true,
    key: (row) => row.bytesOut,
    render: (row) => showBytes(row.bytesOut),
  },
  command: { key: commandOf, render: (row) => commandOf(row) ?? "–", title: commandOf },
  state: { key: displayedState, render: (row, _, texts) => texts.states[displayedState(row)] },
};

/** A child that may start processes is looked at for these, and not for what its client asks. */
export function columnTitle({ children }: Texts, key: SortKey, isBuiltIn: boolean): string {
  return key === "command" && !isBuiltIn ? children.runs : children.columns[key];
}

function addressOf(row: Row): string {
  return formatAddress(row.remoteAddress, row.remotePort);
}

function commandOf(row: Row): string | undefined {
  return (row.below === null ? row.lastCommand : row.below) || undefined;
}

/** Below 0, or null, is what cannot be known. */
function showBytes(bytes: number | null): string {
  return bytes === null || bytes < 0 ? "–" : formatBytes(bytes);
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** In ms, coarser the longer it lasts: a figure that changes each second in each row is only noise. */
function idleOf({ lastActiveAt }: Row, at: number): number {
  const ms = Math.max(0, at - lastActiveAt);
  const step = ms < 10 * SECOND ? SECOND : ms < MINUTE ? 10 * SECOND : MINUTE;
  return Math.floor(ms / step) * step;
}

function showIdle(ms: number, { time }: Texts): string {
  if (ms < MINUTE) return time.seconds(ms / SECOND);
  return ms < HOUR ? time.minutes(ms / MINUTE) : time.duration(ms);
}
