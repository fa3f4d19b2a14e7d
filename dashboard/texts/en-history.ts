/** What the pages of the history and of the audit log say, in English. */
import { formatDuration } from "../../shared/format.ts";
import type { History, SessionRecord } from "../../shared/history.ts";

export const history = {
  title: "History",
  writeError: (why: string) => `The history is not being written at the moment: ${why}`,
  noAnswer: (why: string) => `The history does not answer: ${why}.`,
  /** Where it is kept, how much, and how long. */
  scope: ({ file, kept: { size, age } }: Pick<History, "file" | "kept">) =>
    `The last ${count(size)} sessions that have ended are kept${age === 0 ? "" : `, for ${period(age)}`}, ` +
    (file === null
      ? "in memory, until the server ends; --history FILE keeps them in a file."
      : `in ${file}.`),

  search: {
    label: "Search",
    address: "Address",
    addressHint: "part of an address",
    source: "Source",
    reason: "Ended",
    any: "anyhow",
    from: "Began from",
    to: "until",
    find: "Search",
    all: "Show all",
    wrong: "That is no search: a time or a reason in the address makes no sense.",
  },

  reason: (reason: SessionRecord["reason"]): string => reason,

  totals: {
    found: (sessions: number) => (sessions === 1 ? "1 session" : `${count(sessions)} sessions`),
    reasons: "By reason",
    sources: "By source",
    /** The sources with the most. */
    mostSources: (shown: number) => `By source: the ${shown} with the most`,
    reason: "Ended",
    source: "Source",
    sessions: "Sessions",
    in: "In",
    out: "Out",
  },

  sessions: {
    title: "Sessions",
    scrollable: "Sessions, scrollable",
    began: "Began",
    client: "Client",
    reason: "Ended",
    lasted: "Lasted",
    firstReply: "First reply",
    requests: "Requests",
    in: "In",
    out: "Out",
    cpu: "CPU time",
    memory: "Most memory",
    pid: "PID",
    none: "No sessions yet. Each client’s stay is kept here.",
    noMatch: "No session matches.",
    newest: "Newest",
    older: "Older",
    csv: "as CSV",
    json: "as JSON",
    export: "All that were found:",
  },

  audit: {
    title: "Audit",
    scrollable: "What was done, scrollable",
    about: "What operators did: signals, pauses, drains, new options.",
    when: "When",
    who: "Who",
    what: "What",
    target: "To whom",
    server: "the server",
    by: (by: string): string => by,
    none: "Nobody has done anything yet.",
  },
};

const DAY = 86_400_000;

function period(ms: number): string {
  return ms % DAY === 0 ? `${ms / DAY} days` : formatDuration(ms);
}

function count(number: number): string {
  return number.toLocaleString("en");
}
