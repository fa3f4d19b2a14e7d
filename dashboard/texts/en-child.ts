/** What the page of one child says, in English. */
import { formatBytes } from "../../shared/format.ts";
import type { Phase } from "../timeline.ts";

export const child = {
  title: (pid: number, address: string) => `Child ${pid}, client ${address}`,
  back: "All children",
  actions: "Act on it",
  ended: "ended",
  reasons: { live: "live", lost: "lost" },
  lost: "Its master ended without telling what became of it.",
  gone: "There is no such child.",
  goneWhy:
    "A child has a page while it lives, and afterwards for as long as its session is kept in the history. This one is not there: the address is mistyped, or the session was let go to make room for newer ones.",
  trouble: (why: string) => `The history is not being written at the moment: ${why}`,

  summary: {
    pid: "pid",
    client: "client",
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
    serving: "handed over, serves",
    firstReply: "first reply",
    ended: (reason: string) => `ended: ${reason}`,
    lost: "lost: its master ended without telling",
    left: (steps: number) => `${steps} more steps, in the log`,
    phases: {
      starting: "starting",
      "before the first reply": "before the first reply",
      serving: "serving",
    } satisfies Record<Phase["name"], string>,
  },

  requests: {
    title: "Requests and replies",
    none: "None so far.",
    uncounted: "A program's bytes and requests are its own: they go past brood, uncounted.",
    counted: "This service has its requests counted, and does not list them.",
    count: "requests",
    in: "bytes in",
    out: "bytes out",
    average: (bytesIn: string, bytesOut: string) => `${bytesIn} in and ${bytesOut} out on average`,
    listed: (listed: number, all: number) =>
      listed === all ? "All of them" : `The newest ${count(listed)} of ${count(all)}`,
    together: "reported together with others: their sizes are in the sums alone",
    time: "Time",
    kind: "Kind",
    sizeIn: "In",
    sizeOut: "Out",
    contents: "Contents",
    last: "last request",
    show: "Show contents",
    hide: "Hide contents",
    hidden: "What the client sent is not shown until you choose so.",
    kinds: {
      time: "time",
      quit: "quit",
      invalid: "not understood",
      "too-long": "line too long",
    },
    /** A request in the log, with its contents left out. */
    entry: (kind: string, bytesIn: number | null, bytesOut: number | null) =>
      `request: ${kind}${bytesIn === null ? "" : `, ${formatBytes(bytesIn)} in`}${bytesOut === null ? "" : `, ${formatBytes(bytesOut)} out`}`,
  },

  use: {
    title: "CPU and memory",
    cpu: "CPU",
    memory: "Memory",
    of: "Of the child and what runs below it, each second while somebody looks; five minutes are kept.",
    none: "Nothing was read yet: nobody has looked while it lived.",
    table: "As a table",
    time: "Time",
  },

  process: {
    title: "Process",
    asOf: (time: string) => `As it was when somebody last looked, at ${time}.`,
    none: "Nobody looked at the process while it lived, so nothing is known of it.",
    command: "command",
    noCommand: "none: it has wiped it, or is a zombie",
    cut: "… and more",
    executable: "program",
    directory: "directory",
    user: "user",
    state: "state",
    started: "started",
    threads: "threads",
    memory: "memory",
    memoryOf: (resident: string, peak: string, swapped: string) =>
      `${resident} resident, ${peak} at most, ${swapped} swapped out`,
    noMemory: "none any more",
    switches: "switches",
    switchesOf: (voluntary: number, involuntary: number) =>
      `${count(voluntary)} of itself, ${count(involuntary)} made to`,
    oomScore: "OOM score",
    cgroup: "cgroup",
    cgroupOf: (used: string | null, limit: string | null, processes: number | null) =>
      [
        ...(used === null ? [] : [`${used} of ${limit ?? "memory without limit"}`]),
        ...(processes === null
          ? []
          : [processes === 1 ? "1 process" : `${count(processes)} processes`]),
      ].join(", "),
    tree: "It and what runs below it",
    treeMore: (most: number) => `The first ${most} processes; there are more.`,
    files: (n: number) => `Open files: ${count(n)}`,
    more: (listed: number) => `the first ${count(listed)} listed`,
    file: "File",
    client: (address: string) => `the client, ${address}`,
    tcp: (local: string, remote: string) => `TCP ${local} ↔ ${remote}`,
    listens: (local: string) => `TCP ${local}, listens`,
    limits: "Limits",
    limit: "Limit",
    soft: "Soft",
    hard: "Hard",
    unlimited: "none",
    unit: (unit: string): string => unit,
    denied: "only its own user may read it",
    vanished: "gone",
    failed: (code: string) => `not readable (${code})`,
  },

  log: {
    notKept: (n: number) =>
      `${count(n)} entries between the first and the newest were not kept`,
  },
};

function count(n: number): string {
  return n.toLocaleString("en");
}
