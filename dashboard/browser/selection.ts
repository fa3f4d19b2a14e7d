/**
 * The selected children, by their sessions' IDs: it does not matter which of them the table shows.
 */
import { openStorage } from "./storage.ts";

/** Where the tab stores the selection, so that it survives a visit to a child's page. */
const STORAGE_KEY = "brood-selected";

const selected = new Set<string>();

/** The child selected last, where a selection over several rows begins. */
let anchor: string | null = null;

export const selection = {
  get size() {
    return selected.size;
  },
  has: (id: string) => selected.has(id),
  ids: () => [...selected],

  /** Adds what this tab has stored. */
  restore(): void {
    const ids = openStorage("sessionStorage")?.getItem(STORAGE_KEY)?.split(" ") ?? [];
    for (const id of ids) selected.add(id);
  },

  /** Selects or deselects children; the last of them becomes the anchor. */
  mark(ids: readonly string[], isSelected: boolean): void {
    for (const id of ids) {
      if (isSelected) selected.add(id);
      else selected.delete(id);
    }
    anchor = ids.at(-1) ?? anchor;
    store();
  },

  /** Selects everything in `ids` between the anchor and `id`, which becomes the anchor. */
  extendTo(id: string, ids: readonly string[]): void {
    const from = ids.indexOf(anchor ?? id);
    const to = ids.indexOf(id);
    const between = from < 0 ? [id] : ids.slice(Math.min(from, to), Math.max(from, to) + 1);
    selection.mark(between, true);
    anchor = id;
  },

  /** Selects children that the table may not show. There is no anchor afterwards. */
  addAll(ids: readonly string[]): void {
    selection.mark(ids, true);
    anchor = null;
  },

  clear(): void {
    selected.clear();
    anchor = null;
    store();
  },
};

function store(): void {
  const storage = openStorage("sessionStorage");
  if (selected.size === 0) storage?.removeItem(STORAGE_KEY);
  else storage?.setItem(STORAGE_KEY, [...selected].join(" "));
}
