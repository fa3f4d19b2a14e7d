/** What `brood top` shows and is doing, and what a key makes of it: a pure function. */
import type { ChildJson, MasterJson, SortKey } from "../../../shared/api.ts";
import type { Key } from "./keys.ts";

export interface Top {
  sort: SortKey;
  reverse: boolean;
  filter: string;
  /** The newest look; null before the first. */
  look: TopSample | null;
  /** Nothing is looked at again until it is let go. */
  held: boolean;
  /** Why there is no newer look. */
  trouble: string | null;
  /** The id of the session that is chosen. */
  chosen: string | null;
  /** The first row that is shown. */
  first: number;
  mode: Mode;
  /** What became of the last kill. */
  said: string | null;
}

export interface TopSample {
  /** Milliseconds since the epoch. */
  at: number;
  master: MasterJson;
  children: readonly ChildJson[];
}

export type Mode =
  | { name: "list" }
  | { name: "help" }
  /** A filter is being typed; `before` is the one that it replaces. */
  | { name: "filter"; before: string }
  /** It is asked whether this child is to be killed. */
  | { name: "kill"; child: ChildJson };

/** What is to be done beyond the state. */
export type Action =
  { do: "quit" } | { do: "suspend" } | { do: "look" } | { do: "kill"; child: ChildJson };

export interface Step {
  top: Top;
  deed: Action | null;
}

const SORT_BY: Record<string, SortKey> = { c: "cpu", m: "memory", i: "idle", t: "since" };

/** As long as the API takes it. */
const MOST_FILTER = 100;

const LIST = { name: "list" } as const;

/**
 * Takes keys as they came together; `room` is how many rows are shown. What was typed ahead of a question
 * does not answer it.
 */
export function handleKeys(
  top: Top,
  keys: readonly Key[],
  room: number,
): { top: Top; deeds: Action[] } {
  const deeds: Action[] = [];
  let now = top;
  for (const key of keys) {
    const { top: next, deed } =
      "key" in key ? pressOne(now, key.key, room) : paste(now, key.pasted);
    if (deed !== null) deeds.push(deed);
    const asks = next.mode.name === "kill" && now.mode.name !== "kill";
    now = next;
    if (asks) break;
  }
  return { top: now, deeds };
}

function pressOne(top: Top, key: string, room: number): Step {
  if (key === "\x03") return { top, deed: { do: "quit" } };
  if (key === "\x1a") return { top, deed: { do: "suspend" } };
  switch (top.mode.name) {
    case "list":
      return pressInList({ ...top, said: null }, key, room);
    case "help":
      return stay({ ...top, mode: LIST });
    case "filter":
      return pressInFilter(top, top.mode.before, key);
    case "kill": {
      const { child } = top.mode;
      const sure = key === "y" || key === "Y";
      return { top: { ...top, mode: LIST }, deed: sure ? { do: "kill", child } : null };
    }
  }
}

function pressInList(top: Top, key: string, room: number): Step {
  const sort = SORT_BY[key];
  if (sort !== undefined) return look({ ...top, sort, reverse: false, first: 0 });
  switch (key) {
    case "q":
      return { top, deed: { do: "quit" } };
    case "?":
    case "h":
      return stay({ ...top, mode: { name: "help" } });
    case "r":
      return look({ ...top, reverse: !top.reverse, first: 0 });
    case "p":
      return top.held ? look({ ...top, held: false }) : stay({ ...top, held: true });
    case "/":
      return stay({ ...top, mode: { name: "filter", before: top.filter } });
    case "K":
      return stay(ask(top));
    case "j":
    case "\x1b[B":
    case "\x1bOB":
      return stay(move(top, 1, room));
    case "k":
    case "\x1b[A":
    case "\x1bOA":
      return stay(move(top, -1, room));
    case " ":
    case "\x1b[6~":
      return stay(move(top, room, room));
    case "\x1b[5~":
      return stay(move(top, -room, room));
    case "g":
    case "\x1b[H":
    case "\x1b[1~":
      return stay(move(top, -Infinity, room));
    case "G":
    case "\x1b[F":
    case "\x1b[4~":
      return stay(move(top, Infinity, room));
    case "\x1b":
      return stay({ ...top, chosen: null });
    default:
      return stay(top);
  }
}

function pressInFilter(top: Top, before: string, key: string): Step {
  switch (key) {
    case "\r":
    case "\n":
      return look({ ...top, mode: LIST });
    case "\x1b":
      return look({ ...top, mode: LIST, filter: before, first: 0 });
    case "\x7f":
    case "\b":
      return look({ ...top, filter: Array.from(top.filter).slice(0, -1).join(""), first: 0 });
    case "\x15": // Ctrl-U
      return look({ ...top, filter: "", first: 0 });
  }
  return key.startsWith("\x1b") ? stay(top) : addToFilter(top, key);
}

/** A paste is text: it can fill in the filter, and do nothing else. */
function paste(top: Top, text: string): Step {
  return top.mode.name === "filter" ? addToFilter(top, text) : stay(top);
}

function addToFilter(top: Top, typed: string): Step {
  const text = typed.replace(/\p{Cc}/gu, "");
  if (text === "") return stay(top);
  return look({ ...top, filter: (top.filter + text).slice(0, MOST_FILTER), first: 0 });
}

function ask(top: Top): Top {
  const child = chosenOf(top);
  if (child === undefined) return { ...top, said: "choose a child first: ↓ ↑ or j k" };
  return { ...top, mode: { name: "kill", child } };
}

/** The child that is chosen, if it is still there. */
function chosenOf({ look, chosen }: Top): ChildJson | undefined {
  return look?.children.find(({ id }) => id === chosen);
}

/** Chooses the row so many further, the first one at first, and brings it into view. */
function move(top: Top, by: number, room: number): Top {
  const children = top.look?.children ?? [];
  const at = children.findIndex(({ id }) => id === top.chosen);
  const from = at === -1 ? top.first : at;
  const wanted = at === -1 && Number.isFinite(by) ? from : from + by;
  const next = Math.max(0, Math.min(children.length - 1, wanted));
  const chosen = children[next]?.id ?? null;
  const first = Math.max(Math.min(top.first, next), next - Math.max(room, 1) + 1);
  return { ...top, chosen, first };
}

function stay(top: Top): Step {
  return { top, deed: null };
}

function look(top: Top): Step {
  return { top, deed: { do: "look" } };
}
