/** `brood top` as the lines of a screen. */
import { formatAddress } from "../../../shared/address.ts";
import type { ChildJson, MasterJson } from "../../../shared/api.ts";
import { childColumns } from "./children.ts";
import { formatColumns } from "./columns.ts";
import type { Line } from "./screen.ts";
import { shortBytes, shortTime } from "./short-format.ts";
import type { Top, TopSample } from "./top-state.ts";

/** Lines above the list of children, its titles included, and below it. */
const LINES_ABOVE = 5;
const LINES_BELOW = 1;

/** Returns how many children fit on a screen. */
export function visibleRows(screenRows: number): number {
  return Math.max(0, screenRows - LINES_ABOVE - LINES_BELOW);
}

const HELP: readonly Line[] = [
  { text: "brood top", style: "bold" },
  { text: "" },
  ...[
    ["↓ ↑  j k", "select a child"],
    ["PgDn PgUp", "one page down, up"],
    ["g G", "first child, last child"],
    ["K", "kill the selected child: TERM, then KILL after 5 s (asks first)"],
    ["/", "filter by PID, client, state or command"],
    ["c m i t", "sort by CPU, memory, idle time, time of connecting"],
    ["r", "reverse the order"],
    ["p", "freeze the display, or resume"],
    ["Esc", "clear the selection"],
    ["q", "quit"],
  ].map(([keys = "", action = ""]): Line => ({ text: `  ${keys.padEnd(12)}${action}` })),
];

/** Returns all lines of a screen of this size. */
export function topLines(top: Top, columns: number, rows: number): Line[] {
  const { sample, mode } = top;
  const bottom = bottomLine(top);
  if (mode.name === "help") return [...HELP, ...emptyLines(rows - HELP.length - 1), bottom];
  if (sample === null) return [...emptyLines(rows - 1), bottom];
  const lines = [
    ...summary(sample),
    viewLine(top, sample),
    ...table(top, sample, columns, visibleRows(rows)),
  ];
  // On a screen too small for everything, the last line stays: it may be a question.
  const shown = lines.slice(0, rows - LINES_BELOW);
  return [...shown, ...emptyLines(rows - LINES_BELOW - shown.length), bottom];
}

function emptyLines(count: number): Line[] {
  return Array.from({ length: Math.max(0, count) }, () => ({ text: "" }));
}

function summary({ at, master, children }: TopSample): Line[] {
  const address = formatAddress(master.host, master.port);
  const uptime = shortTime(at - Date.parse(master.startedAt));
  return [
    {
      text: `brood ${address}  ${describeState(master, at)}  up ${uptime}  PID ${master.pid}`,
      style: "bold",
    },
    {
      text:
        `live ${master.live} of ${master.maxClients}, peak ${master.peak}  ` +
        `accepted ${master.accepted}  refused ${master.refused}  waiting ${master.waiting}`,
    },
    {
      text:
        `children cpu ${sum(children, "cpuPercent").toFixed(1)}%  ` +
        `mem ${shortBytes(sum(children, "privateBytes"))}  ` +
        `in ${shortBytes(sum(children, "bytesIn"))}  out ${shortBytes(sum(children, "bytesOut"))}  ` +
        `${master.service}`,
    },
  ];
}

function describeState({ state, until, pausedBy }: MasterJson, at: number): string {
  const left = until === null ? "" : ` ${shortTime(Date.parse(until) - at)}`;
  return `${state}${left}${pausedBy === null ? "" : ` by ${pausedBy}`}`;
}

type Figure = "cpuPercent" | "privateBytes" | "bytesIn" | "bytesOut";

function sum(children: readonly ChildJson[], figure: Figure): number {
  return children.reduce((total, child) => total + (child[figure] ?? 0), 0);
}

function viewLine({ sort, reverse, filter, isFrozen }: Top, { children }: TopSample): Line {
  const parts = [
    children.length === 1 ? "1 child" : `${children.length} children`,
    ...(filter === "" ? [] : [`with ${JSON.stringify(filter)}`]),
    `by ${sort}${reverse ? ", reversed" : ""}`,
    ...(isFrozen ? ["frozen: press p to resume"] : []),
  ];
  return { text: parts.join(", "), ...(isFrozen ? { style: "bold" as const } : {}) };
}

/** In characters, so that columns do not shift when a figure grows. */
const MIN_WIDTHS: Record<string, number> = {
  PID: 7,
  ID: 12,
  CLIENT: 21,
  AGE: 6,
  IDLE: 6,
  "CPU%": 5,
  MEM: 5,
  IN: 5,
  OUT: 5,
  STATE: 8,
};

/** A column is shown only where the screen has at least this many columns. */
const MIN_SCREEN_COLUMNS: Record<string, number> = {
  ID: 120,
  IN: 96,
  OUT: 96,
  STATE: 60,
  IDLE: 50,
};

function table(top: Top, { at, children }: TopSample, screenColumns: number, rows: number): Line[] {
  const columns = childColumns(at)
    .filter(({ title }) => screenColumns >= (MIN_SCREEN_COLUMNS[title] ?? 0))
    .map((column) => ({ ...column, minWidth: MIN_WIDTHS[column.title] ?? 0 }));
  // There may be fewer children than when `firstRow` was set.
  const first = Math.max(0, Math.min(top.firstRow, children.length - rows));
  const shown = children.slice(first, first + rows);
  const [title = "", ...texts] = formatColumns(columns, shown);
  return [
    { text: title, style: "title" },
    ...texts.map((text, row): Line => {
      return shown[row]?.id === top.selectedId ? { text, style: "selected" } : { text };
    }),
  ];
}

function bottomLine({ mode, filter, error, message }: Top): Line {
  switch (mode.name) {
    case "kill": {
      const { pid, remoteAddress, remotePort, lastCommand } = mode.child;
      const client = formatAddress(remoteAddress, remotePort);
      const last = lastCommand === null ? "" : `, last ${lastCommand}`;
      // What the client sent comes last, as it may be cut off.
      return { text: `y/n: send TERM to PID ${pid}, client ${client}${last}?`, style: "selected" };
    }
    case "filter":
      return { text: `Filter: ${filter}▏  Enter applies, Esc cancels`, style: "selected" };
    case "help":
      return { text: "press any key to go back", style: "dim" };
    case "list":
      if (error !== null) return { text: error, style: "selected" };
      if (message !== null) return { text: message, style: "bold" };
      return {
        text: "↓↑ select  K kill  / filter  c m i t sort  r reverse  p freeze  ? help  q quit",
        style: "dim",
      };
  }
}
