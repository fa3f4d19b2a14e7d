/**
 * The master's table: a row for each live session. The live are counted where a row comes and goes, and nowhere
 * else, so that no count can drift from the truth.
 */
import type { SessionIdentity } from "../../shared/log.ts";
import type { Child } from "../../shared/master.ts";
import type { Signal } from "../../shared/signals.ts";
import { type ProcessId, startTicksOf } from "../os/descendants.ts";
import { type LogBudget, createLogBudget } from "./log-budget.ts";
import type { Limits } from "../options/options.ts";
import { type Serving, startsProcesses } from "../options/serving.ts";
import { type TerminationCause, INITIAL_STATE, type SessionState } from "./state.ts";
import type { ChildProcess } from "../handover/spawn.ts";
import type { EndReason } from "../../shared/outcome.ts";

export interface Session extends Omit<Child, "state"> {
  state: SessionState;
  process: ChildProcess;
  /** What tells its process from a later one of the same pid. */
  startTicks: number | null | "unknown";
  /** The deadlines that it was given when it began, in ms. */
  deadlines: Deadlines;
  /** What the operator has sent to the child. */
  sent: Signal[];
  condemned: TerminationCause | null;
  /** Its child is a program (`--exec`): there is no IPC, and the master keeps its deadline. */
  isProgram: boolean;
  /** `startedAt` and `lastActiveAt` on the clock of `performance.now`, which nobody can set. */
  clock: { started: number; active: number };
  /** Messages from the child since the last look, and when (`performance.now`) the last one came. */
  messages: number;
  heardAt: number;
  /** What of its lines and of its requests stands in the log. */
  listing: { lines: LogBudget; requests: LogBudget };
  /** It has told what its service threw. */
  hasFailed: boolean;
  /** Its way to the master was closed at the last look, though the child lived. */
  mute: boolean;
  /** Its service is not brood's own: there may be processes below it. */
  startsProcesses: boolean;
  /** What was below it when it was told to end. */
  below: ProcessId[];
  ended: PromiseWithResolvers<EndReason>;
}

/** Times in ms; 0: none. */
export type Deadlines = Pick<Limits, "firstByteTimeout" | "idleTimeout" | "maxSession">;

/** What a session begins with. Times as in `startedAt` and `clock`. */
interface Beginning {
  id: string;
  remoteAddress: string;
  remotePort: number;
  source: string;
  startedAt: number;
  clock: number;
  process: ChildProcess;
  limits: Deadlines;
  serving: Serving;
}

export function newSession({
  startedAt,
  clock,
  process,
  limits,
  serving,
  ...who
}: Beginning): Session {
  const isProgram = serving.kind === "exec";
  const { firstByteTimeout, idleTimeout, maxSession } = limits;
  return {
    ...who,
    pid: process.pid,
    startedAt,
    lastActiveAt: startedAt,
    startTicks: startTicksOf(process.pid),
    state: INITIAL_STATE,
    deadlines: { firstByteTimeout, idleTimeout, maxSession },
    servingMs: null,
    firstReplyMs: null,
    bytesIn: isProgram ? null : 0,
    bytesOut: isProgram ? null : 0,
    requests: 0,
    lastCommand: null,
    sent: [],
    condemned: null,
    isProgram,
    clock: { started: clock, active: clock },
    messages: 0,
    heardAt: clock,
    listing: { lines: createLogBudget(), requests: createLogBudget() },
    hasFailed: false,
    mute: false,
    process,
    startsProcesses: startsProcesses(serving),
    below: [],
    ended: Promise.withResolvers(),
  };
}

type Address = Pick<SessionIdentity, "remoteAddress" | "remotePort">;

export function addressOf({ remoteAddress, remotePort }: Address): Address {
  return { remoteAddress, remotePort };
}

export interface Table {
  /** By their ids, oldest first. */
  readonly live: ReadonlyMap<string, Session>;
  add(session: Session): void;
  remove(session: Session): void;
  /** How many live clients a source has. */
  countOf(source: string): number;
}

/** As those see it who only ask. */
export type TableView = Pick<Table, "live" | "countOf">;

export function createTable(): Table {
  const live = new Map<string, Session>();
  /** Not counted over the rows when it is asked: each of thousands who come and wait asks. */
  const counts = new Map<string, number>();
  const countOf = (source: string) => counts.get(source) ?? 0;

  return {
    live,
    countOf,
    add(session) {
      live.set(session.id, session);
      counts.set(session.source, countOf(session.source) + 1);
    },
    remove({ id, source }) {
      if (!live.delete(id)) return;
      const left = countOf(source) - 1;
      if (left === 0) counts.delete(source);
      else counts.set(source, left);
    },
  };
}

/** Whom a log entry of this session is about. */
export function identityOf(session: Session): SessionIdentity {
  return { id: session.id, pid: session.pid, ...addressOf(session) };
}

/** The row as the dashboard gets it. */
export function childOf(session: Session): Child {
  const { id, pid, remoteAddress, remotePort, startedAt, lastActiveAt } = session;
  const { state, source, servingMs, firstReplyMs } = session;
  const { bytesIn, bytesOut, requests, lastCommand } = session;
  if (state.name === "ended") throw new Error(`session ${id} ended but is in the table`);
  const client = { id, pid, state: state.name, remoteAddress, remotePort, startedAt, lastActiveAt };
  const told = { source, servingMs, firstReplyMs };
  return { ...client, ...told, bytesIn, bytesOut, requests, lastCommand };
}
