/** What `brood top` shows, and what each key changes: pure functions. */
import type { ChildJson, MasterJson, SortKey } from "../../../shared/api.ts";
import type { Key } from "./keys.ts";

export interface Top {
  sort: SortKey;
  reverse: boolean;
  filter: string;
  /** The newest sample; null before the first. */
  sample: TopSample | null;
  /** No new samples are taken. */
  isFrozen: boolean;
  /** Why there is no newer sample. */
  error: string | null;
  /** The session ID of the selected child. */
  selectedId: string | null;
  /** Index of the first row shown. */
  firstRow: number;
  mode: Mode;
  /** The outcome of the last kill, or a hint. */
  message: string | null;
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
  /** A filter is being typed; `before` is the one it replaces. */
  | { name: "filter"; before: string }
  /** Asks whether to kill this child. */
  | { name: "kill"; child: ChildJson };

/** What a key causes outside this state. */
export type Action =
  { type: "quit" } | { type: "suspend" } | { type: "sample" } | { type: "kill"; child: ChildJson };

export interface Step {
  top: Top;
  action: Action | null;
}

const SORT_BY_KEY: Record<string, SortKey> = { c: "cpu", m: "memory", i: "idle", t: "since" };

/** The longest filter that the API accepts. */
const MAX_FILTER_CHARS = 100;

const LIST = { name: "list" } as const;

/** Returns the state of `top` when it starts. */
export function initialTop(view: Pick<Top, "sort" | "reverse" | "filter" | "sample">): Top {
  return {
    ...view,
    isFrozen: false,
    error: null,
    selectedId: null,
    firstRow: 0,
    mode: LIST,
    message: null,
  };
}

/**
 * Handles keys that arrived together; `rows` is how many children the screen shows. Keys typed
 * ahead of a question are dropped, so that they do not answer it.
 */
export function handleKeys(
  top: Top,
  keys: readonly Key[],
  rows: number,
): { top: Top; actions: Action[] } {
  const actions: Action[] = [];
  let current = top;
  for (const key of keys) {
    const { top: next, action } =
      "key" in key ? press(current, key.key, rows) : paste(current, key.pasted);
    if (action !== null) actions.push(action);
    const isQuestion = next.mode.name === "kill" && current.mode.name !== "kill";
    current = next;
    if (isQuestion) break;
  }
  return { top: current, actions };
}

function press(top: Top, key: string, rows: number): Step {
  if (key === "\x03") return { top, action: { type: "quit" } };
  if (key === "\x1a") return { top, action: { type: "suspend" } };
  switch (top.mode.name) {
    case "list":
      return pressInList({ ...top, message: null }, key, rows);
    case "help":
      return show({ ...top, mode: LIST });
    case "filter":
      return pressInFilter(top, top.mode.before, key);
    case "kill": {
      const { child } = top.mode;
      const isYes = key === "y" || key === "Y";
      return { top: { ...top, mode: LIST }, action: isYes ? { type: "kill", child } : null };
    }
  }
}

function pressInList(top: Top, key: string, rows: number): Step {
  const sort = SORT_BY_KEY[key];
  if (sort !== undefined) return resample({ ...top, sort, reverse: false, firstRow: 0 });
  switch (key) {
    case "q":
      return { top, action: { type: "quit" } };
    case "?":
    case "h":
      return show({ ...top, mode: { name: "help" } });
    case "r":
      return resample({ ...top, reverse: !top.reverse, firstRow: 0 });
    case "p":
      return top.isFrozen
        ? resample({ ...top, isFrozen: false })
        : show({ ...top, isFrozen: true });
    case "/":
      return show({ ...top, mode: { name: "filter", before: top.filter } });
    case "K":
      return show(askToKill(top));
    case "j":
    case "\x1b[B":
    case "\x1bOB":
      return show(moveSelection(top, 1, rows));
    case "k":
    case "\x1b[A":
    case "\x1bOA":
      return show(moveSelection(top, -1, rows));
    case " ":
    case "\x1b[6~":
      return show(moveSelection(top, rows, rows));
    case "\x1b[5~":
      return show(moveSelection(top, -rows, rows));
    case "g":
    case "\x1b[H":
    case "\x1b[1~":
      return show(moveSelection(top, -Infinity, rows));
    case "G":
    case "\x1b[F":
    case "\x1b[4~":
      return show(moveSelection(top, Infinity, rows));
    case "\x1b":
      return show({ ...top, selectedId: null });
    default:
      return show(top);
  }
}

function pressInFilter(top: Top, before: string, key: string): Step {
  switch (key) {
    case "\r":
    case "\n":
      return resample({ ...top, mode: LIST });
    case "\x1b":
      return resample({ ...top, mode: LIST, filter: before, firstRow: 0 });
    case "\x7f":
    case "\b":
      return resample({
        ...top,
        filter: Array.from(top.filter).slice(0, -1).join(""),
        firstRow: 0,
      });
    case "\x15": // Ctrl-U
      return resample({ ...top, filter: "", firstRow: 0 });
  }
  return key.startsWith("\x1b") ? show(top) : addToFilter(top, key);
}

/** A paste can fill in the filter, and nothing else. */
function paste(top: Top, text: string): Step {
  return top.mode.name === "filter" ? addToFilter(top, text) : show(top);
}

function addToFilter(top: Top, typed: string): Step {
  const text = typed.replace(/\p{Cc}/gu, "");
  if (text === "") return show(top);
  return resample({
    ...top,
    filter: (top.filter + text).slice(0, MAX_FILTER_CHARS),
    firstRow: 0,
  });
}

function askToKill(top: Top): Top {
  const child = selectedChild(top);
  if (child === undefined) return { ...top, message: "select a child first: ↓ ↑ or j k" };
  return { ...top, mode: { name: "kill", child } };
}

/** Returns the selected child if it is still there. */
function selectedChild({ sample, selectedId }: Top): ChildJson | undefined {
  return sample?.children.find(({ id }) => id === selectedId);
}

/**
 * Moves the selection by a number of rows and scrolls it into view. Without one,
 * selects the first row shown.
 */
function moveSelection(top: Top, by: number, rows: number): Top {
  const children = top.sample?.children ?? [];
  const at = children.findIndex(({ id }) => id === top.selectedId);
  const from = at === -1 ? top.firstRow : at;
  const wanted = at === -1 && Number.isFinite(by) ? from : from + by;
  const next = Math.max(0, Math.min(children.length - 1, wanted));
  const selectedId = children[next]?.id ?? null;
  const firstRow = Math.max(Math.min(top.firstRow, next), next - Math.max(rows, 1) + 1);
  return { ...top, selectedId, firstRow };
}

function show(top: Top): Step {
  return { top, action: null };
}

/** A change of what is asked of the server. */
function resample(top: Top): Step {
  return { top, action: { type: "sample" } };
}
