/** The texts of the page of one child, in English. */
import { formatBytes, formatDuration } from "../../shared/format.ts";
import type { History } from "../../shared/history.ts";
import type { Phase } from "../child/timeline.ts";
import type { RequestReport } from "../../shared/log.ts";

export const child = {
  title: (pid: number) => `Child ${pid}`,
  back: "All children",
  sameSource: (source: string) => `History of ${source}`,
  /** For durations under 100 ms, which are shown to a tenth of a millisecond. */
  ms: (ms: string) => `${ms} ms`,
  reasons: { live: "unknown", lost: "lost" },
  gone: "No such child",
  goneWhy: ({ maxSessions, maxAgeMs }: History["retention"]) =>
    `A child has this page while it is live and as long as the history keeps its session: the last ${count(maxSessions)} that ended${maxAgeMs === 0 ? "" : `, for ${inDays(maxAgeMs)}`}. Either the address is wrong or the session has been deleted.`,
  noAnswer: (why: string) => `The history is unavailable: ${why}.`,
  writeError: (why: string) => `The history is currently not being saved: ${why}`,

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
    memory: "peak memory",
  },

  timeline: {
    title: "Timeline",
    label: "Phases of the session, to scale",
    since: "since the previous step",
    total: "since it was accepted",
    accepted: "accepted",
    serving: "handed over: child serving",
    firstReply: "first reply",
    ended: (reason: string) => `ended: ${reason}`,
    lost: "lost: nothing is known after this, for example because the master was killed",
    phases: {
      starting: "start",
      "before a reply": "before the first reply",
      serving: "serving",
    } satisfies Record<Phase["name"], string>,
  },

  requests: {
    title: "Requests and replies",
    scrollable: "Requests, scrollable",
    none: "None so far.",
    uncounted:
      "Traffic between a program and its client does not pass through brood, so it is not counted.",
    unknown: "The total is unknown.",
    counted: "Requests are counted; this service does not list them.",
    count: "requests",
    in: "bytes in",
    out: "bytes out",
    average: (bytesIn: string, bytesOut: string) => `Average: ${bytesIn} in, ${bytesOut} out.`,
    listed: (listed: number, all: number) =>
      listed >= all ? `All ${count(all)}` : `Newest ${count(listed)} of ${count(all)}`,
    batched: "reported together with others: its size is only in the totals",
    time: "Time",
    kind: "Kind",
    sizeIn: "In",
    sizeOut: "Out",
    contents: "Contents",
    last: "Last request:",
    show: "Show contents",
    hide: "Hide contents",
    hidden: "What the client sent is hidden until you choose to show it.",
    kinds: {
      time: "time",
      quit: "quit",
      invalid: "invalid",
      "too-long": "line too long",
    } satisfies Record<RequestReport["kind"], string>,
    /** One request as a log entry, without its contents. */
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
      "The child and all its descendants, sampled every second while this page is open. The last five minutes are kept.",
    none: "No data: nobody viewed this page while the child was live.",
    table: "Show as table",
    time: "Time",
  },

  process: {
    title: "Process",
    asOf: "As last seen at",
    none: "Nobody viewed this page while the process was live, and now there is nothing left to read.",
    command: "command",
    noCommand: "none (cleared by the process, or a zombie)",
    cut: "… and more",
    executable: "program",
    directory: "directory",
    user: "user",
    state: "state",
    /** Takes the kernel's wording: `S (sleeping)`. */
    states: (state: string): string => state,
    started: "started",
    threads: "threads",
    memory: "memory",
    memoryOf: (resident: string, peak: string, swapped: string) =>
      `${resident} resident, ${peak} peak, ${swapped} swapped out`,
    noMemory: "none (a zombie)",
    switches: "context switches",
    switchesOf: (voluntary: number, involuntary: number) =>
      `${count(voluntary)} voluntary, ${count(involuntary)} involuntary`,
    oomScore: "OOM score",
    cgroup: "cgroup",
    cgroupOf: (used: string | null, limit: string | null, processes: number | null) =>
      [
        ...(used === null ? [] : [limit === null ? `${used}, no limit` : `${used} of ${limit}`]),
        ...(processes === null ? [] : [processes === 1 ? "1 process" : `${processes} processes`]),
      ].join(", "),
    tree: "Process and descendants",
    treeMore: (shown: number) => `Only the first ${shown} processes are shown.`,
    openFiles: "Open files",
    more: (listed: number) => `first ${listed} shown`,
    client: (address: string) => `client ${address}`,
    tcp: (local: string, remote: string) => `TCP ${local} to ${remote}`,
    listens: (local: string) => `TCP ${local}, listening`,
    limits: "Limits",
    limit: "Limit",
    soft: "Soft",
    hard: "Hard",
    unlimited: "unlimited",
    /** Takes the kernel's name. */
    limitName: (name: string): string => name,
    denied: "permission denied",
    vanished: "gone",
    tooMany: "too many to read",
    failed: (code: string) => `unreadable (${code})`,
  },

  log: {
    dropped: (n: number) =>
      n === 1
        ? "One entry between the first and the latest was dropped."
        : `${count(n)} entries between the first and the latest were dropped.`,
  },
};

/** In days from two days on. */
function inDays(ms: number): string {
  const days = ms / 86_400_000;
  return days >= 2 ? `${Math.round(days)} days` : formatDuration(ms);
}

function count(n: number): string {
  return n.toLocaleString("en");
}
