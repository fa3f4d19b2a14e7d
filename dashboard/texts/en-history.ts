/** The texts of the history and audit pages, in English. */
import { formatDuration } from "../../shared/format.ts";
import type { History, SessionRecord } from "../../shared/history.ts";

export const history = {
  title: "History",
  writeError: (why: string) => `The history is currently not being saved: ${why}`,
  noAnswer: (why: string) => `The history is unavailable: ${why}.`,
  /** How many sessions are kept, for how long, and where. */
  scope: ({ file, retention: { maxSessions, maxAgeMs } }: Pick<History, "file" | "retention">) =>
    `The last ${count(maxSessions)} ended sessions are kept${maxAgeMs === 0 ? "" : ` for up to ${period(maxAgeMs)}`} ` +
    (file === null
      ? "in memory, until the server stops. Use --history FILE to keep them in a file."
      : `in ${file}.`),

  search: {
    label: "Search",
    address: "Address",
    addressHint: "part of an address",
    source: "Source",
    reason: "End reason",
    any: "any",
    from: "Started after",
    to: "Started before",
    find: "Search",
    all: "Show all",
    wrong: "Invalid search: check the times and the end reason in the address.",
  },

  reason: (reason: SessionRecord["reason"]): string => reason,

  totals: {
    reasons: "By reason",
    sources: "By source",
    mostSources: (shown: number) => `By source: top ${shown}`,
    reason: "End reason",
    source: "Source",
    sessions: "Sessions",
    in: "In",
    out: "Out",
  },

  sessions: {
    title: "Sessions",
    scrollable: "Sessions, scrollable",
    began: "Started",
    client: "Client",
    reason: "End reason",
    lasted: "Duration",
    firstReply: "First reply",
    requests: "Requests",
    in: "In",
    out: "Out",
    cpu: "CPU time",
    memory: "Peak memory",
    pid: "PID",
    none: "No sessions yet. Each client’s session is recorded here.",
    noMatch: "No matching sessions.",
    newest: "Newest",
    older: "Older",
    csv: "CSV",
    json: "JSON",
    export: "Download all results:",
  },

  audit: {
    title: "Audit",
    scrollable: "Audit log, scrollable",
    about: "What operators did: signals, pauses, drains, changed options.",
    when: "When",
    operator: "Operator",
    what: "What",
    target: "Target",
    server: "the server",
    by: (by: string): string => by,
    none: "No operator actions yet.",
  },
};

const DAY_MS = 86_400_000;

function period(ms: number): string {
  return ms % DAY_MS === 0 ? `${ms / DAY_MS} days` : formatDuration(ms);
}

function count(number: number): string {
  return number.toLocaleString("en");
}
