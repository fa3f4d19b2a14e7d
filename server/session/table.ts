/**
 * The master's table: one row for each live session. Every count of sessions is taken from here,
 * and rows come and go in `add` and `remove` only, so no count can drift from the truth.
 */
import type { Session } from "./session.ts";

export interface Table {
  /** By ID, oldest first. */
  readonly live: ReadonlyMap<string, Session>;
  /** The ID that the next session added must have. */
  nextId(): string;
  add(session: Session): void;
  remove(session: Session): void;
  /** Returns the live session with this ID; otherwise whether there ever was one. */
  find(id: string): Session | "already ended" | "unknown";
  /** Live clients of one source. */
  countOf(source: string): number;
  /**
   * Totals since the start; at every moment accepted = live + ended. `peak`: the
   * highest number live at once.
   */
  counts(): { accepted: number; ended: number; peak: number };
}

/** The table as seen by code that only reads it. */
export type TableView = Pick<Table, "live" | "countOf">;

/** IDs are `INSTANCE-1`, `INSTANCE-2` and so on; `instance` tells this master from any other. */
export function createTable(instance: string): Table {
  const live = new Map<string, Session>();
  /** Not counted by walking the rows: admission asks for every client that arrives or waits. */
  const countsBySource = new Map<string, number>();
  let accepted = 0;
  let peak = 0;
  const idOf = (number: number) => `${instance}-${number}`;
  const countOf = (source: string) => countsBySource.get(source) ?? 0;

  return {
    live,
    countOf,
    nextId: () => idOf(accepted + 1),
    add(session) {
      accepted += 1;
      live.set(session.id, session);
      countsBySource.set(session.source, countOf(session.source) + 1);
      peak = Math.max(peak, live.size);
    },
    remove({ id, source }) {
      if (!live.delete(id)) return;
      const left = countOf(source) - 1;
      if (left === 0) countsBySource.delete(source);
      else countsBySource.set(source, left);
    },
    find(id) {
      const session = live.get(id);
      if (session !== undefined) return session;
      const number = Number(id.slice(instance.length + 1));
      return number >= 1 && number <= accepted && id === idOf(number) ? "already ended" : "unknown";
    },
    counts: () => ({ accepted, ended: accepted - live.size, peak }),
  };
}
