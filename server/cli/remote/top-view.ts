/** `brood top` as lines of a screen. */
import { formatAddress } from "../../../shared/address.ts";
import type { ChildJson, MasterJson } from "../../../shared/api.ts";
import { childColumns } from "./children.ts";
import { formatColumns } from "./columns.ts";
import { shortBytes, shortTime } from "./short-format.ts";
import type { Line } from "./screen.ts";
import type { TopSample, Top } from "./top-state.ts";

/** Lines above the rows, and the one below them. */
const ABOVE = 5;
const BELOW = 1;

/** How many rows a screen of so many lines shows. */
export function visibleRows(lines: number): number {
  return Math.max(0, lines - ABOVE - BELOW);
}

/** All lines of a screen of that size. */
export function topLines(top: Top, columns: number, rows: number): Line[] {
  const { look, mode } = top;
  if (mode.name === "help") return [...HELP, ...padding(rows - HELP.length - 1), bottom(top)];
  if (look === null) return [...padding(rows - 1), bottom(top)];
  const lines = [
    ...figures(look),
    chosenView(top, look),
    ...table(top, look, columns, visibleRows(rows)),
  ];
  // Where there is no room for all, the question is what must be seen.
  const shown = lines.slice(0, rows - BELOW);
  return [...shown, ...padding(rows - BELOW - shown.length), bottom(top)];
}

function padding(lines: number): Line[] {
  return Array.from({ length: Math.max(0, lines) }, () => ({ text: "" }));
}

function figures({ at, master, children }: TopSample): Line[] {
  const address = formatAddress(master.host, master.port);
  const up = shortTime(at - Date.parse(master.startedAt));
  return [
    {
      text: `brood ${address}  ${stateOf(master, at)}  up ${up}  pid ${master.pid}`,
      style: "bold",
    },
    {
      text:
        `live ${master.live} of ${master.maxClients}, at most ${master.peak}  ` +
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

function stateOf({ state, until, pausedBy }: MasterJson, at: number): string {
  const left = until === null ? "" : ` ${shortTime(Date.parse(until) - at)}`;
  return `${state}${left}${pausedBy === null ? "" : ` by ${pausedBy}`}`;
}

type Figure = "cpuPercent" | "privateBytes" | "bytesIn" | "bytesOut";

function sum(children: readonly ChildJson[], figure: Figure): number {
  return children.reduce((all, child) => all + (child[figure] ?? 0), 0);
}

function chosenView({ sort, reverse, filter, held }: Top, { children }: TopSample): Line {
  const parts = [
    children.length === 1 ? "1 child" : `${children.length} children`,
    ...(filter === "" ? [] : [`with ${JSON.stringify(filter)}`]),
    `by ${sort}${reverse ? ", reversed" : ""}`,
    ...(held ? ["held: p lets go"] : []),
  ];
  return { text: parts.join(", "), ...(held ? { style: "bold" as const } : {}) };
}

/** So that nothing moves sideways when a figure grows. */
const LEAST: Record<string, number> = {
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

/** A terminal must be so wide for a column to be of use. */
const WIDE: Record<string, number> = { ID: 120, IN: 96, OUT: 96, STATE: 60, IDLE: 50 };

function table(top: Top, { at, children }: TopSample, width: number, room: number): Line[] {
  const columns = childColumns(at)
    .filter(({ title }) => width >= (WIDE[title] ?? 0))
    .map((column) => ({ ...column, least: LEAST[column.title] ?? 0 }));
  // There may be fewer of them than when it was chosen where to begin.
  const first = Math.max(0, Math.min(top.first, children.length - room));
  const rows = children.slice(first, first + room);
  const [title = "", ...texts] = formatColumns(columns, rows);
  return [
    { text: title, style: "title" },
    ...texts.map((text, at): Line => {
      return rows[at]?.id === top.chosen ? { text, style: "chosen" } : { text };
    }),
  ];
}

function bottom({ mode, filter, trouble, said }: Top): Line {
  switch (mode.name) {
    case "kill": {
      const { pid, remoteAddress, remotePort, lastCommand } = mode.child;
      const client = formatAddress(remoteAddress, remotePort);
      const last = lastCommand === null ? "" : `, last ${lastCommand}`;
      // What a client sent comes last: it may be longer than there is room.
      return { text: `y/n: send TERM to pid ${pid}, client ${client}${last}?`, style: "chosen" };
    }
    case "filter":
      return { text: `Filter: ${filter}▏  Enter keeps it, Esc does not`, style: "chosen" };
    case "help":
      return { text: "any key goes back", style: "dim" };
    case "list":
      if (trouble !== null) return { text: trouble, style: "chosen" };
      if (said !== null) return { text: said, style: "bold" };
      return {
        text: "↓↑ choose  K kill  / filter  c m i t sort  r reverse  p hold  ? help  q quit",
        style: "dim",
      };
  }
}

const HELP: readonly Line[] = [
  { text: "brood top", style: "bold" },
  { text: "" },
  ...[
    ["↓ ↑  j k", "choose a child"],
    ["PgDn PgUp", "a screen further, back"],
    ["g G", "the first, the last"],
    [
      "K",
      "kill the chosen child: TERM, and after 5 s KILL if it is still there; you are asked first",
    ],
    ["/", "show those alone whose pid, client, state or command has a text"],
    ["c m i t", "sort by processor, memory, idle time, time of coming"],
    ["r", "the other way round"],
    ["p", "hold what is shown, and let it go"],
    ["Esc", "choose none"],
    ["q", "quit"],
  ].map(([keys = "", what = ""]): Line => ({ text: `  ${keys.padEnd(12)}${what}` })),
];
