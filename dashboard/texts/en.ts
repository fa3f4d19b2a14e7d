/** Every text of the page in English. Each other language has a file with the same entries. */
import type { Child as Content } from "hono/jsx";
import { formatDuration } from "../../shared/format.ts";
import { describeLimit, type LimitName, type LimitValue } from "../../shared/limits.ts";
import { describe, describeReceipt } from "../../shared/describe-log.ts";
import type { ConfinementSummary, LogEvent } from "../../shared/log.ts";
import { type Signal, SIGNALS } from "../../shared/signals.ts";
import type { DisplayedState } from "../page/displayed-state.ts";
import type { JobOutcome, JobProgress } from "../kill/job.ts";
import type { SortKey } from "../../shared/api.ts";
import { child } from "./en-child.ts";
import { history } from "./en-history.ts";
import type { EndReason, Receipt, RefuseReason } from "../../shared/outcome.ts";

export const en = {
  nav: {
    label: "Pages",
    tree: "Tree & children",
    charts: "Charts",
    history: "History",
    audit: "Audit",
    readOnly: "read-only",
    readOnlyMeans: "You can view everything here, but not change anything.",
  },

  noPage: "Page not found",

  /** Why a request is refused. `line` has no full stop; `again`: the link to the page. */
  refusals: {
    passwordRequired: {
      title: "Password required",
      line: "This page requires a password",
      advice: "The user name can be anything; it appears in the log next to what you do.",
      again: "Sign in",
    },
    addressRequired: {
      title: "Password required",
      line: "This page requires a password",
      advice:
        "Open the whole address that the server printed when it started: the part after ? contains the password. It is also in the server's state directory (--state).",
      again: "Sign in",
    },
    tooManyPasswords: {
      title: "Too many wrong passwords",
      line: "Too many wrong passwords came from your address",
      advice:
        "Wait half a minute before you try again. Even the right password is not accepted before that.",
      again: "Try again",
    },
    watchOnly: {
      title: "Read-only",
      line: "You may watch, but not act: this is read-only",
      advice: "Nothing was changed. To act, sign in with the operators' password.",
      again: "Back to the page",
    },
    fromChild: {
      title: "Not for clients",
      line: "This page is for the server's operators, and not for programs that serve its clients",
      advice: "Open it as another user of this machine.",
      again: "Back to the page",
    },
    fromOtherUser: {
      title: "Not for other users",
      line: "This page is for the user who started the server",
      advice:
        "Open it as that user or as root. To let others use it, start the server with --dashboard-password.",
      again: "Back to the page",
    },
  },

  time: {
    /** `duration` takes milliseconds, the others the unit in their name. */
    duration: formatDuration,
    seconds: (count: number) => `${count} s`,
    minutes: (count: number) => `${count} min`,
  },

  /** Whether the page shows the current state. */
  live: {
    live: "live",
    connecting: "connecting",
    needsScript: ": live updates need JavaScript; reload to refresh",
    reconnecting: "reconnecting",
    paused: "paused",
    ended: "ended",
    pause: "Pause",
    resume: "Resume",
  },

  charts: {
    title: "Charts",
    range: "Time range",
    ranges: { "5m": "5 minutes", "1h": "1 hour", "1d": "1 day" },
    /** Whether the charts show the newest points. */
    states: {
      live: "live",
      paused: "paused",
      failing: "the server is not responding: showing the last known data",
    },
    pause: "Pause",
    needsScript: "The charts need JavaScript; the tables show the same data.",
    titles: {
      clients: "Live clients",
      rate: "Clients per second",
      refused: "Refused per second",
      firstReply: "Connect → first reply",
      cpu: "Master CPU, % of one core",
      memory: "Master memory",
      delay: "Event loop delay",
    },
    lines: {
      live: "live",
      accepted: "accepted",
      ended: "ended",
      mean: "mean",
      highest: "maximum",
      p50: "p50",
      p99: "p99",
      cpu: "CPU",
      private: "private",
      resident: "resident",
    },
    noneRefused: "No clients were refused in this period.",
    table: "Table",
    /** `step`: the period that one row covers, from `steps`. */
    caption: (title: string, step: string) =>
      `${title}, newest first; each row covers ${step}, starting at the time shown`,
    steps: { "5m": "10 seconds", "1h": "5 minutes", "1d": "1 hour" },
    noPoints: "No measurements yet.",
    time: "Time",
  },

  master: {
    title: "Master",
    pid: (pid: number) => `PID ${pid}`,
    figures: {
      master: "master",
      address: "address",
      service: "service",
      uptime: "uptime",
      live: "live",
      spares: "spares",
      peak: "peak",
      total: "total",
      refused: "refused",
    },
  },

  /** Why no new clients are accepted, and for how long. */
  notice: {
    outOfDescriptors: (seconds: number) =>
      `Accepting is paused: out of file descriptors. Resumes in ${inSeconds(seconds)}.`,
    paused: (by: string) => `Accepting was paused by ${by}. New clients wait until it is resumed.`,
    draining: (children: number, seconds: number) =>
      `Draining: ${inChildren(children)} left. The server stops in at most ${inSeconds(seconds)}.`,
    stopping: (children: number) => `Stopping: ${inChildren(children)} left.`,
  },

  tree: {
    title: "Tree",
    failed: (message: string) => message,
    label: "Process tree",
    locked: "locked while you point at it",
    options: "Tree options",
    scope: "Processes",
    server: "this server",
    host: "whole host",
    lines: "Line style",
    ascii: "ASCII",
    unicode: "Unicode",
    oneByOne: "one per line",
    pids: "PIDs",
  },

  /** Groups of the tree that can be expanded in place. */
  parts: {
    open: "expand",
    openWhat: (name: string) => `Expand the group of ${name}`,
    fold: "collapse",
    foldWhat: (name: string) => `Collapse the group of ${name}`,
    next: (count: number) => `next ${count}`,
    nextOf: (count: number, name: string) => `Next ${count} of ${name}`,
    previous: (count: number) => `previous ${count}`,
    previousOf: (count: number, name: string) => `Previous ${count} of ${name}`,
    /** Labels of the totals at the end of a line. */
    cpu: "CPU",
    memory: "memory",
    atLeast: "Some of these processes have not been measured yet.",
    moreLines: (count: number) => `… and ${formatCount(count)} more lines`,
  },

  states: {
    starting: "starting",
    serving: "serving",
    leaving: "leaving",
    stopped: "stopped",
  } satisfies Record<DisplayedState, string> as Record<DisplayedState, string>,
  endReason: (reason: EndReason | "ended"): string => reason,

  children: {
    title: "Children",
    scrollable: "Children, scrollable",
    filter: "Filter",
    filterHint: "PID, address, command or state",
    apply: "Apply",
    locked: "order locked while you use the table",
    sort: "Sort by",
    order: "Order",
    ascending: "ascending",
    descending: "descending",
    columns: {
      pid: "PID",
      id: "ID",
      client: "Client",
      source: "Source",
      since: "Since",
      reply: "First reply",
      idle: "Idle",
      cpu: "CPU",
      memory: "Memory",
      resident: "Resident",
      requests: "Requests",
      in: "In",
      out: "Out",
      command: "Last command",
      state: "State",
    } satisfies Record<SortKey, string>,
    /** Replaces `columns.command` where a child can start processes. */
    runs: "Running",
    resident: (bytes: string) => `${bytes} resident`,
    none: "No clients. Each client that connects gets a child and a row here.",
    noMatch: (live: number, filter: string) => `None of the ${live} children matches “${filter}”.`,
  },

  table: {
    pages: "Table pages",
    first: "First page",
    previous: "Previous page",
    next: "Next page",
    last: "Last page",
    range: (from: number, to: number, of: number) =>
      `${formatCount(from)}–${formatCount(to)} of ${formatCount(of)}`,
    columns: "Columns",
    rows: "Rows per page",
    rate: "Refresh rate",
    every: (seconds: number) => (seconds === 0 ? "on change" : `every ${seconds} s`),
  },

  /** Actions on many children. */
  many: {
    label: "Selected children",
    selectPage: "Select all on this page",
    selectChild: (target: string) => `Select ${target}`,
    selectAll: (count: number) => `Select all ${formatCount(count)}`,
    selectMatching: (count: number) => `Select ${formatCount(count)} matching`,
    selectSource: (source: string) => `Select all from ${source}`,
    killSource: (source: string) => `Kill all from ${source}…`,
    /** `count` is the number, or a `#` that the page's script replaces with it. */
    selected: (count: string) => `${count} selected`,
    signal: "Signal",
    kill: (count: string) => `Kill ${count}…`,
    killSelected: "Kill selected…",
    clear: "Clear",
    question: (signal: Signal, count: number) => `Send ${signal} to ${inChildren(count)}?`,
    send: (signal: Signal, count: number) => `Send ${signal} to ${inChildren(count)}`,
    meanings: {
      TERM: "asks each child to exit; its client is disconnected",
      INT: "interrupts each child, as Ctrl-C would; its client is disconnected",
      HUP: "tells each child that its terminal is gone; its client is disconnected",
      KILL: "terminates each child immediately, whatever its state; its client is disconnected",
      STOP: "suspends each child; its client waits until CONT",
      CONT: "resumes each suspended child",
    } satisfies Record<Signal, string>,
    sources: "From",
    fromSource: (source: string, count: number) => `${source}: ${formatCount(count)}`,
    otherSources: (sources: number, count: number) =>
      `${formatCount(sources)} other sources: ${formatCount(count)}`,
    including: "Including",
    more: (count: number) => `and ${formatCount(count)} more`,
    alreadyEnded: (count: number) =>
      count === 1
        ? "1 of them has already ended."
        : `${formatCount(count)} of them have already ended.`,
    thenKill: (seconds: number) => `then KILL any that are still there after ${seconds} s`,
    noneSelected: "no children are selected",
    noneLeft: "all of them have already ended",
    unknownIds: "some of them were never children of this server",
    tooMany: "too many kill requests are in progress",
    noJob: "no such kill request, or it has expired",
    title: (signal: Signal, count: number) => `${signal} to ${inChildren(count)}`,
    requestedBy: (by: string): string => `requested by ${by}`,
    /** How the children were selected, as logged. */
    selection: (selection: string): string => selection,
    progress: (signal: Signal, progress: JobProgress) => `${signal}: ${describeProgress(progress)}`,
    cancel: "Cancel the rest",
    cancelled: (by: string) => `Cancelled by ${by}.`,
    receipts: "Results",
    slowest: (shown: number, of: number) =>
      shown === of ? "" : `The slowest ${formatCount(shown)} of ${formatCount(of)}.`,
    refresh: "Refresh",
    outcomes: {
      gone: "gone",
      "already ended": "already ended",
      stopped: "stopped",
      running: "running",
      "still there": "still there",
    } satisfies Record<JobOutcome, string> as Record<JobOutcome, string>,
    sent: "Sent",
    outcome: "Outcome",
    after: "Time",
  },

  keys: {
    title: "Keyboard shortcuts",
    on: "Enable shortcuts",
    close: "Close",
    actions: {
      filter: "go to the filter",
      down: "next row",
      up: "previous row",
      open: "open the row’s child",
      next: "next page",
      previous: "previous page",
      select: "select or deselect the row",
      selectTo: "extend the selection to the row",
      kill: "kill the selected children, or the row’s child (asks first)",
      tree: "go to the tree",
      log: "go to the log",
      children: "tree & children (from any page)",
      charts: "charts",
      history: "history",
      audit: "audit",
      leave: "leave the field, row or dialog",
      help: "show this help",
    },
  },

  spares: {
    caption: (ready: number, wanted: number) => `Spares: ${ready} of ${wanted} ready`,
    listed: (listed: number, all: number) => `, showing ${listed} of ${all}`,
    states: { starting: "starting", ready: "ready" },
  },

  rooms: {
    caption: (count: number) => `Rooms: ${count}`,
    listed: (listed: number) => `, showing the ${listed} largest`,
    room: "Room",
    members: "Members",
  },

  limits: {
    title: "Limits",
    current: "Current limits",
    name: (flag: LimitName): string => flag,
    value: (value: LimitValue) => describeLimit(value),
    confined: (confined: ConfinementSummary) => describe({ event: "confined", ...confined }),
  },

  refused: {
    label: "Refused",
    none: "No clients refused.",
    count: (count: number) => `${formatCount(count)} refused.`,
    waiting: (count: number) => `${formatCount(count)} waiting for a slot.`,
    reason: "Reason",
    refused: "Refused",
    last: "Last",
    lastFrom: "Last address",
    reasons: (reason: RefuseReason): string => reason,
  },

  /** Actions on the server as a whole. */
  control: {
    label: "Accepting",
    pause: "Pause accepting",
    resume: "Resume accepting",
    drain: "Drain…",
    paused: "Accepting is paused. New clients wait until it is resumed.",
    resumed: "Clients are accepted again.",
    drained: (ms: number) =>
      `Draining: no new clients are accepted, and the server stops in at most ${formatDuration(ms)}.`,
    failed: (why: string) => `That failed: ${why}.`,
    question: "Drain this server?",
    meaning: (children: number) =>
      `No new clients are accepted. ${children === 0 ? "There are no live children, so the server stops immediately." : `${inChildren(children)} may finish; any still live when the time is up are ended.`} The server then stops, and this page with it.`,
    time: "Let clients finish for",
    start: "Drain and stop the server",
    badTime: "the time must look like 90s, 10m or 2h and be at most 24h: nothing was done",
  },

  log: {
    title: "Log",
    /** One entry in words, without its time, process and client. */
    describe: (event: LogEvent): string => describe(event),
    receipt: (receipt: Receipt): string => describeReceipt(receipt),
  },

  kill: {
    kill: "Kill",
    killChild: (target: string) => `Kill ${target}`,
    otherSignals: (target: string) => `Other signals for ${target}`,
    target: (pid: number, address: string) => `PID ${pid}, client ${address}`,
    question: (signal: Signal, pid: number) => `Send ${signal} to PID ${pid}?`,
    chooseSignal: (pid: number) => `Which signal for PID ${pid}?`,
    /** The rest of a sentence that begins with the signal's name. */
    meanings: {
      TERM: "asks the child to exit; its client is disconnected",
      INT: "interrupts the child, as Ctrl-C would; its client is disconnected",
      HUP: "tells the child that its terminal is gone; its client is disconnected",
      KILL: "terminates the child immediately, whatever its state; its client is disconnected",
      STOP: "suspends the child; its client waits until CONT",
      CONT: "resumes a suspended child",
    } satisfies Record<Signal, string>,
    meaning: (signal: Signal, meaning: string) => `${signal} ${meaning}.`,
    client: (address: Content, since: Content, command: Content | null): Content[] => [
      "Client ",
      address,
      ", connected since ",
      since,
      ...(command === null ? [] : [", last command ", command]),
      ".",
    ],
    thenKill: (seconds: number) => `then KILL if it is still there after ${seconds} s`,
    cancel: "Cancel",
    send: (signal: Signal, pid: number) => `Send ${signal} to PID ${pid}`,
    back: "Back to the page",
    child: "This child",
    unknown: "no such child",
    alreadyEnded: "this child has already ended",
    badSignal: `the signal must be one of ${SIGNALS.join(", ")}`,
    nothingSent: (why: string) => `${why}: nothing was sent`,
    /** `receipt`: as described by `log.receipt`. */
    outcome: (pid: number, receipt: string) => `PID ${pid}: ${receipt}`,
    isStopped: "; it is stopped, so send CONT or KILL",
    noAnswer: "The server is not responding: nothing was sent.",
    unsure: "The server did not respond: the signal may or may not have been sent.",
  },

  child,

  history,
};

/** The entries that every language has. */
export type Texts = typeof en;

function formatCount(count: number): string {
  return count.toLocaleString("en");
}

/** `312 of 5,000 gone, 3 still there, 40 queued.` */
function describeProgress({ total, waiting, open, outcomes, cancelled }: JobProgress): string {
  const gone = outcomes.gone + outcomes["already ended"];
  const counts: [number, string][] = [
    [gone, "gone"],
    [outcomes.stopped, "stopped"],
    [outcomes.running, "running"],
    [outcomes["still there"], "still there"],
    [open, "pending"],
    [waiting, cancelled ? "not sent" : "queued"],
  ];
  const nonzero = counts.filter(([count]) => count > 0);
  const parts = nonzero.map(([count, what], index) =>
    index === 0
      ? `${formatCount(count)} of ${formatCount(total)} ${what}`
      : `${formatCount(count)} ${what}`,
  );
  return `${parts.join(", ")}.`;
}

/** A countdown: in seconds during the last minute. */
function inSeconds(count: number): string {
  if (count > 60) return formatDuration(count * 1000);
  return count === 1 ? "1 second" : `${count} seconds`;
}

function inChildren(count: number): string {
  return count === 1 ? "1 child" : `${formatCount(count)} children`;
}
