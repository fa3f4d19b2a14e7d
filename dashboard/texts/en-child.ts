/** What the page of one child says, in English. */
import { formatBytes, formatDuration } from "../../shared/format.ts";
import type { History } from "../../shared/history.ts";
import type { Phase } from "../child/timeline.ts";
import type { RequestReport } from "../../shared/log.ts";

export const child = {
  title: (pid: number) => `Child ${pid}`,
  back: "All children",
  sameSource: (source: string) => `History of ${source}`,
  ended: "ended",
  /** Below a tenth of a second lengths of time are told to the tenth of a millisecond. */
  ms: (ms: string) => `${ms} ms`,
  reasons: { live: "not told", lost: "lost" },
  gone: "There is no such child",
  goneWhy: ({ size, age }: History["kept"]) =>
    `A child has this page while it lives, and afterwards while the history keeps its session: the last ${count(size)} that have ended${age === 0 ? "" : `, for ${inDays(age)}`}. So either the address is mistyped, or the session was let go.`,
  noAnswer: (why: string) => `The history does not answer: ${why}.`,
  writeError: (why: string) => `The history is not being written at the moment: ${why}`,

  summary: {
    source: "source",
    accepted: "accepted",
    lasted: "lasted",
    age: "age",
    idle: "idle",
    requests: "requests",
    in: "in",
    out: "out",
    exitStatus: "exit status",
    signal: "signal",
    cpu: "CPU time",
    memory: "most memory",
  },

  timeline: {
    title: "Timeline",
    label: "Its life in proportion",
    since: "after the step before",
    total: "after it was accepted",
    accepted: "accepted",
    serving: "handed over: the child serves",
    firstReply: "first reply",
    ended: (reason: string) => `ended: ${reason}`,
    lost: "lost: nothing was told of it after this, as where its master was killed",
    phases: {
      starting: "start",
      "before a reply": "before a reply",
      serving: "serving",
    } satisfies Record<Phase["name"], string>,
  },

  requests: {
    title: "Requests and replies",
    scrollable: "Requests, scrollable",
    none: "None so far.",
    uncounted: "What a program and its client say goes past brood: it is not counted.",
    unknown: "How many there were in all was not told.",
    counted: "They are counted; this service does not list them.",
    count: "requests",
    in: "bytes in",
    out: "bytes out",
    average: (bytesIn: string, bytesOut: string) => `On average ${bytesIn} in and ${bytesOut} out.`,
    listed: (listed: number, all: number) =>
      listed >= all ? `All ${count(all)}` : `The newest ${count(listed)} of ${count(all)} listed`,
    batched: "told together with others: its size is in the sums alone",
    time: "Time",
    kind: "Kind",
    sizeIn: "In",
    sizeOut: "Out",
    contents: "Contents",
    last: "The last one:",
    show: "Show contents",
    hide: "Hide contents",
    hidden: "What the client sent is shown only if you want it.",
    kinds: {
      time: "time",
      quit: "quit",
      invalid: "not understood",
      "too-long": "line too long",
    } satisfies Record<RequestReport["kind"], string>,
    /** A request in the log, without its contents. */
    entry: (kind: string, bytesIn: number | null, bytesOut: number | null) =>
      [
        `request: ${kind}`,
        ...(bytesIn === null ? [] : [`${formatBytes(bytesIn)} in`]),
        ...(bytesOut === null ? [] : [`${formatBytes(bytesOut)} out`]),
      ].join(", "),
  },

  usage: {
    title: "CPU and memory",
    cpu: "CPU",
    memory: "Memory",
    about:
      "Of the child and all that runs below it, each second while somebody looks at this page; five minutes are kept.",
    none: "Nothing was read: nobody looked while it lived.",
    table: "As a table",
    time: "Time",
  },

  process: {
    title: "Process",
    asOf: "As it was when somebody last looked, at",
    none: "Nobody looked at the process while it lived, and now there is nothing left to read.",
    command: "command",
    noCommand: "none: it has wiped it, or it is a zombie",
    cut: "… and more",
    executable: "program",
    directory: "directory",
    user: "user",
    state: "state",
    /** As the kernel says it: `S (sleeping)`. */
    states: (state: string): string => state,
    started: "started",
    threads: "threads",
    memory: "memory",
    memoryOf: (resident: string, peak: string, swapped: string) =>
      `${resident} resident, ${peak} at the most, ${swapped} swapped out`,
    noMemory: "none any more",
    switches: "switches",
    switchesOf: (voluntary: number, involuntary: number) =>
      `${count(voluntary)} of its own accord, ${count(involuntary)} not`,
    oomScore: "OOM score",
    cgroup: "cgroup",
    cgroupOf: (used: string | null, limit: string | null, processes: number | null) =>
      [
        ...(used === null ? [] : [limit === null ? `${used}, no limit` : `${used} of ${limit}`]),
        ...(processes === null ? [] : [processes === 1 ? "1 process" : `${processes} processes`]),
      ].join(", "),
    tree: "It and what runs below it",
    treeMore: (most: number) => `The first ${most} processes; there are more.`,
    openFiles: "Open files",
    more: (listed: number) => `the first ${listed} listed`,
    client: (address: string) => `the client, ${address}`,
    tcp: (local: string, remote: string) => `TCP ${local} with ${remote}`,
    listens: (local: string) => `TCP ${local}, listens`,
    limits: "Limits",
    limit: "Limit",
    soft: "Soft",
    hard: "Hard",
    unlimited: "none",
    /** By the names that the kernel gives them. */
    limitName: (name: string): string => name,
    denied: "not for this server's user to read",
    vanished: "gone",
    tooMany: "thousands, not read",
    failed: (code: string) => `not to be read (${code})`,
  },

  log: {
    notKept: (n: number) =>
      n === 1
        ? "One entry between the first and the newest was not kept."
        : `${count(n)} entries between the first and the newest were not kept.`,
  },
};

/** In days, where it is some. */
function inDays(ms: number): string {
  const days = ms / 86_400_000;
  return days >= 2 ? `${Math.round(days)} days` : formatDuration(ms);
}

function count(n: number): string {
  return n.toLocaleString("en");
}
