/** All that the page says, in English. Each other language has a file with the same entries. */
import type { Child as Content } from "hono/jsx";
import { formatDuration } from "../../shared/format.ts";
import { describeLimit, type LimitName, type LimitValue } from "../../shared/limits.ts";
import {
  type ConfinementSummary,
  describe,
  describeReceipt,
  type LogEvent,
} from "../../shared/log.ts";
import { type Signal, SIGNALS } from "../../shared/signals.ts";
import type { DisplayedState } from "../page/displayed-state.ts";
import type { JobOutcome, JobProgress } from "../kill/jobs.ts";
import type { SortKey } from "../../shared/api.ts";
import { child } from "./en-child.ts";
import { history } from "./en-history.ts";
import type { EndReason, Receipt, RefuseReason } from "../../shared/outcome.ts";

export const en = {
  /** As the language calls itself. */
  name: "English",

  nav: {
    label: "Pages",
    tree: "Tree & children",
    charts: "Charts",
    history: "History",
    audit: "Audit",
    /** Where one may look, and change nothing. */
    readOnly: "read-only",
    readOnlyMeans: "You may look at everything here, and change nothing.",
  },

  /** For an address that leads nowhere. */
  noPage: "There is no such page",

  time: {
    /** Lengths of time; given in ms, or in the unit that they are named after. */
    duration: formatDuration,
    seconds: (count: number) => `${count} s`,
    minutes: (count: number) => `${count} min`,
  },

  /** Whether what is shown is of this moment. */
  live: {
    live: "live",
    connecting: "connecting",
    needsScript: ": needs JavaScript; reload to see news",
    reconnecting: "reconnecting",
    paused: "paused",
    ended: "ended",
    pause: "Pause",
    resume: "Resume",
  },

  charts: {
    title: "Charts",
    range: "Time shown",
    ranges: { "5m": "5 minutes", "1h": "1 hour", "1d": "1 day" },
    /** Whether the newest points are shown. */
    states: {
      live: "live",
      paused: "paused",
      failing: "the server does not answer: this is what was known last",
    },
    pause: "Pause",
    needsScript: "The charts need JavaScript; here are their figures.",
    titles: {
      clients: "Live clients",
      rate: "Clients per second",
      refused: "Refused per second",
      firstReply: "Connect → first reply",
      cpu: "Master’s CPU, % of one core",
      memory: "Master’s memory",
      delay: "Event loop’s delay",
    },
    lines: {
      live: "live",
      accepted: "accepted",
      ended: "ended",
      mean: "mean",
      highest: "highest",
      p50: "p50",
      p99: "p99",
      cpu: "CPU",
      private: "private",
      resident: "resident",
    },
    noneRefused: "Nobody was refused in this time.",
    table: "Table",
    /** `step`: what a row of the table is of, in words. */
    caption: (title: string, step: string) =>
      `${title}: the newest first, each row of the ${step} from its time on`,
    steps: { "5m": "10 seconds", "1h": "5 minutes", "1d": "hour" },
    noPoints: "Nothing has been measured yet.",
    time: "Time",
  },

  master: {
    title: "Master",
    pid: (pid: number) => `pid ${pid}`,
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

  /** Why nobody is accepted, and for how long. */
  notice: {
    outOfDescriptors: (seconds: number) =>
      `Accepting is paused: no descriptors are left. It goes on in ${inSeconds(seconds)}.`,
    paused: (by: string) => `Accepting is paused by ${by}: clients wait until it is resumed.`,
    draining: (children: number, seconds: number) =>
      `Draining: ${inChildren(children)} left; they are ended in ${inSeconds(seconds)}.`,
    stopping: (children: number) => `Stopping: ${inChildren(children)} left.`,
  },

  tree: {
    title: "Tree",
    /** `message`: as the system says it. */
    failed: (message: string) => message,
    label: "Process tree",
    locked: "held while you point at it",
    options: "Show the tree",
    scope: "Processes",
    server: "this server",
    host: "whole host",
    lines: "Lines",
    ascii: "ASCII",
    unicode: "Unicode",
    oneByOne: "one by one",
    pids: "pids",
  },

  /** Groups of the tree that are opened in place. */
  parts: {
    open: "open",
    openWhat: (name: string) => `Open the group of ${name}`,
    fold: "fold",
    foldWhat: (name: string) => `Fold the group of ${name}`,
    next: (count: number) => `next ${count}`,
    nextOf: (count: number, name: string) => `The next ${count} of ${name}`,
    previous: (count: number) => `previous ${count}`,
    previousOf: (count: number, name: string) => `The previous ${count} of ${name}`,
    /** Before figures: what the processes of a line use together. */
    cpu: "CPU",
    memory: "memory",
    atLeast: "Some of these have not been read yet.",
    moreLines: (count: number) => `… and ${formatCount(count)} lines more`,
  },

  /** Of a live child, and of one that has ended. */
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
    filterHint: "pid, address, command, state",
    apply: "Apply",
    locked: "order held while you are in it",
    sort: "Sort by",
    order: "Order",
    ascending: "ascending",
    descending: "descending",
    columns: {
      pid: "PID",
      id: "Id",
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
    /** In place of the last command, where a child may start processes. */
    runs: "Runs",
    resident: (bytes: string) => `resident ${bytes}`,
    none: "No clients. Each one that connects gets a child and a row here.",
    noMatch: (live: number, filter: string) => `None of the ${live} children matches “${filter}”.`,
  },

  table: {
    pages: "Pages of the table",
    first: "First page",
    previous: "Previous page",
    next: "Next page",
    last: "Last page",
    range: (from: number, to: number, of: number) =>
      `${formatCount(from)}–${formatCount(to)} of ${formatCount(of)}`,
    columns: "Columns",
    rows: "Rows on a page",
    rate: "How often it is renewed",
    every: (seconds: number) => (seconds === 0 ? "at once" : `every ${seconds} s`),
  },

  /** Acting on many children. */
  many: {
    label: "The selected children",
    selectPage: "Select all on this page",
    selectChild: (target: string) => `Select ${target}`,
    selectAll: (count: number) => `Select all ${formatCount(count)}`,
    selectMatching: (count: number) => `Select the ${formatCount(count)} found`,
    selectSource: (source: string) => `Select all from ${source}`,
    killSource: (source: string) => `All from ${source}…`,
    /** A `#` is where the script puts the number. */
    selected: (count: string) => `${count} selected`,
    signal: "Signal",
    kill: (count: string) => `Kill ${count}…`,
    killSelected: "Kill the selected…",
    clear: "Clear",
    question: (signal: Signal, count: number) => `Send ${signal} to ${inChildren(count)}?`,
    send: (signal: Signal, count: number) => `Send ${signal} to ${inChildren(count)}`,
    meanings: {
      TERM: "asks each child to end; its client is disconnected",
      INT: "interrupts each child, as Ctrl-C would; its client is disconnected",
      HUP: "tells each child that its terminal is gone; its client is disconnected",
      KILL: "ends each child at once, whatever state it is in; its client is disconnected",
      STOP: "freezes each child; its client waits until CONT",
      CONT: "lets each frozen child go on",
    } satisfies Record<Signal, string>,
    sources: "From",
    fromSource: (source: string, count: number) => `${source}: ${formatCount(count)}`,
    otherSources: (sources: number, count: number) =>
      `${formatCount(sources)} other sources: ${formatCount(count)}`,
    including: "Including",
    more: (count: number) => `and ${formatCount(count)} more`,
    alreadyGone: (count: number) =>
      count === 1
        ? "1 of them has gone already."
        : `${formatCount(count)} of them have gone already.`,
    thenKill: (seconds: number) => `then KILL to each that is still there after ${seconds} s`,
    noneSelected: "no child is selected",
    noneLeft: "all of them have gone already",
    unknownIds: "some of them have never been children of this server",
    tooMany: "too many orders are under way",
    noJob: "there is no such order, or it was long ago",
    title: (signal: Signal, count: number) => `${signal} to ${inChildren(count)}`,
    requestedBy: (by: string): string => `ordered by ${by}`,
    /** How they were chosen, as the log has it. */
    selection: (selection: string): string => selection,
    /** How far it is. */
    progress: (signal: Signal, told: JobProgress) => `${signal}: ${tell(told)}`,
    cancel: "Send no more",
    cancelled: (by: string) => `Cancelled by ${by}.`,
    receipts: "Receipts",
    slowest: (shown: number, of: number) =>
      shown === of ? "" : `The ${formatCount(shown)} that took longest, of ${formatCount(of)}.`,
    refresh: "Look again",
    outcomes: {
      gone: "gone",
      "gone before": "had gone before",
      stopped: "stopped",
      running: "running",
      "still there": "still there",
    } satisfies Record<JobOutcome, string> as Record<JobOutcome, string>,
    sent: "Sent",
    outcome: "Became",
    after: "After",
  },

  keys: {
    title: "Keyboard shortcuts",
    on: "Shortcuts are on",
    close: "Close",
    actions: {
      filter: "go to the filter",
      down: "next row",
      up: "previous row",
      open: "open the row’s child",
      next: "next page",
      previous: "previous page",
      select: "select the row, or not",
      selectTo: "select from the last one to the row",
      kill: "kill the selected, or else the row’s child: it is asked first",
      tree: "go to the tree",
      log: "go to the log",
      children: "tree & children, from each page",
      charts: "charts",
      history: "history",
      audit: "audit",
      leave: "leave the field, the row or the dialog",
      help: "this sheet",
    },
  },

  spares: {
    caption: (ready: number, wanted: number) => `Spares: ${ready} of ${wanted} ready for a client`,
    listed: (listed: number, all: number) => `, ${listed} of ${all} listed`,
    states: { starting: "starting", ready: "ready" },
  },

  rooms: {
    caption: (count: number) => `Rooms: ${count}`,
    listed: (listed: number) => `, the ${listed} fullest listed`,
    room: "Room",
    members: "Members",
  },

  limits: {
    title: "Limits",
    current: "What is in force",
    name: (flag: LimitName): string => flag,
    value: (value: LimitValue) => describeLimit(value),
    confined: (confined: ConfinementSummary) => describe({ event: "confined", ...confined }),
  },

  refused: {
    label: "Refused",
    none: "Nobody was refused.",
    count: (count: number) => `${formatCount(count)} refused.`,
    waiting: (count: number) => `${formatCount(count)} wait for room.`,
    reason: "Reason",
    refused: "Refused",
    last: "Last",
    lastFrom: "Last from",
    reasons: (reason: RefuseReason): string => reason,
  },

  /** What an operator does with the server as a whole. */
  control: {
    label: "Accepting",
    pause: "Pause accepting",
    resume: "Resume accepting",
    drain: "Drain…",
    paused: "Accepting is paused: clients wait until it is resumed.",
    resumed: "Clients are accepted again.",
    drained: (ms: number) =>
      `Draining: nobody more is accepted, and the server ends after ${formatDuration(ms)} at the latest.`,
    failed: (why: string) => `That could not be done: ${why}.`,
    question: "Drain this server?",
    meaning: (children: number) =>
      `Nobody more is accepted. ${children === 0 ? "There are no live children, so the server ends at once." : `${inChildren(children)} may finish; those that do not are ended when the time is over.`} Then the server ends, and this page with it.`,
    time: "They may finish for",
    start: "Drain and end the server",
    badTime: "the time must be one such as 90s, 10m or 2h, 24h at most: nothing was done",
  },

  log: {
    title: "Log",
    /** One entry in words, without its time and without whom it is about. */
    describe: (event: LogEvent): string => describe(event),
    receipt: (receipt: Receipt): string => describeReceipt(receipt),
  },

  kill: {
    kill: "Kill",
    killChild: (target: string) => `Kill ${target}`,
    otherSignals: (target: string) => `Other signals for ${target}`,
    target: (pid: number, address: string) => `pid ${pid}, client ${address}`,
    question: (signal: Signal, pid: number) => `Send ${signal} to pid ${pid}?`,
    chooseSignal: (pid: number) => `Which signal for pid ${pid}?`,
    /** What stands in a sentence after the signal's name. */
    meanings: {
      TERM: "asks the child to end; its client is disconnected",
      INT: "interrupts the child, as Ctrl-C would; its client is disconnected",
      HUP: "tells the child that its terminal is gone; its client is disconnected",
      KILL: "ends the child at once, whatever state it is in; its client is disconnected",
      STOP: "freezes the child; its client waits until CONT",
      CONT: "lets a frozen child go on",
    } satisfies Record<Signal, string>,
    meaning: (signal: Signal, meaning: string) => `${signal} ${meaning}.`,
    client: (address: Content, since: Content, command: Content | null): Content[] => [
      "Its client is ",
      address,
      ", here since ",
      since,
      ...(command === null ? [] : [", last command ", command]),
      ".",
    ],
    thenKill: (seconds: number) => `then KILL, if it is still there after ${seconds} s`,
    cancel: "Cancel",
    send: (signal: Signal, pid: number) => `Send ${signal} to pid ${pid}`,
    back: "Back to the page",
    child: "This child",
    unknown: "there is no such child",
    gone: "this child has gone already",
    badSignal: `the signal must be one of ${SIGNALS.join(", ")}`,
    nothingSent: (why: string) => `${why}: nothing was sent`,
    /** `receipt`: what became of it, as `log.receipt` says it. */
    outcome: (pid: number, receipt: string) => `pid ${pid}: ${receipt}`,
    isStopped: ": it is stopped, send CONT or KILL",
    noAnswer: "The server does not answer: nothing was sent.",
    unsure: "The server did not answer: nobody knows whether the signal was sent.",
  },

  child,

  history,
};

/** Every language has all texts. */
export type Texts = typeof en;

function formatCount(count: number): string {
  return count.toLocaleString("en");
}

/** `312 of 5,000 gone, 3 still there, 40 to come.` */
function tell({ total, waiting, open, outcomes, cancelled }: JobProgress): string {
  const gone = outcomes.gone + outcomes["gone before"];
  const counts: [number, string][] = [
    [gone, "gone"],
    [outcomes.stopped, "stopped"],
    [outcomes.running, "running"],
    [outcomes["still there"], "still there"],
    [open, "not answered yet"],
    [waiting, cancelled ? "not sent" : "to come"],
  ];
  const told = counts.filter(([count]) => count > 0);
  const parts = told.map(([count, what], index) =>
    index === 0
      ? `${formatCount(count)} of ${formatCount(total)} ${what}`
      : `${formatCount(count)} ${what}`,
  );
  return `${parts.join(", ")}.`;
}

/** Counted down by the second in the last minute. */
function inSeconds(count: number): string {
  if (count > 60) return formatDuration(count * 1000);
  return count === 1 ? "1 second" : `${count} seconds`;
}

function inChildren(count: number): string {
  return count === 1 ? "1 child" : `${formatCount(count)} children`;
}
