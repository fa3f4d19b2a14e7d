/** All that the page says, in English. Each other language has a file with the same entries. */
import type { Child as Content } from "hono/jsx";
import { formatDuration } from "../../shared/format.ts";
import {
  type Confined,
  describe,
  describeReceipt,
  type LogEvent,
  type RefuseReason,
} from "../../shared/log.ts";
import type { EndReason, Receipt } from "../../shared/master.ts";
import { type Signal, SIGNALS } from "../../shared/signals.ts";
import type { SortKey, State } from "../view.ts";

export const en = {
  /** As the language calls itself. */
  name: "English",

  nav: {
    label: "Pages",
    tree: "Tree & children",
    charts: "Charts",
    history: "History",
    audit: "Audit",
  },

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
    pause: "Pause",
    resume: "Resume",
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
    paused: (by: string) =>
      `Accepting is paused by ${by}: clients wait until somebody lets it go on.`,
    draining: (children: number, seconds: number) =>
      `Draining: ${inChildren(children)} left; they are ended in ${inSeconds(seconds)}.`,
    stopping: (children: number) => `Stopping: ${inChildren(children)} left.`,
  },

  tree: {
    title: "Tree",
    label: "Process tree",
    held: "held while you point at it",
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
  } satisfies Record<State, string> as Record<State, string>,
  endReason: (reason: EndReason | "ended"): string => reason,

  children: {
    title: "Children",
    scrollable: "Children, scrollable",
    filter: "Filter",
    filterHint: "pid, address, command, state",
    apply: "Apply",
    held: "order held while you are in it",
    sort: "Sort by",
    order: "Order",
    ascending: "ascending",
    descending: "descending",
    columns: {
      pid: "PID",
      client: "Client",
      since: "Since",
      idle: "Idle",
      cpu: "CPU",
      memory: "Memory",
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
    some: (shown: number, matching: number, filter: string) => {
      const which = filter === "" ? "children" : `children that match “${filter}”`;
      return `These are ${shown} of ${matching} ${which}. The filter finds the others.`;
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
    inForce: "What is in force",
    /** By the flag's name. */
    name: (flag: string): string => flag,
    value: (value: string): string => value,
    confined: (confined: Confined) => describe({ event: "confined", ...confined }),
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
    killWhom: (whom: string) => `Kill ${whom}`,
    signalsForWhom: (whom: string) => `Other signals for ${whom}`,
    whom: (pid: number, address: string) => `pid ${pid}, client ${address}`,
    question: (signal: Signal, pid: number) => `Send ${signal} to pid ${pid}?`,
    which: (pid: number) => `Which signal for pid ${pid}?`,
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
};

/** Every language has all texts. */
export type Texts = typeof en;

function formatCount(count: number): string {
  return count.toLocaleString("en");
}

function inSeconds(count: number): string {
  return count === 1 ? "1 second" : `${count} seconds`;
}

function inChildren(count: number): string {
  return count === 1 ? "1 child" : `${count} children`;
}
