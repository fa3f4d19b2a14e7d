/**
 * Acts on the states of connection-state.ts: reports to the master, sets
 * deadlines, ends the connection.
 */
import type { LeaveReason } from "../channel/messages.ts";
import type { Reporter } from "../channel/report.ts";
import type { Task } from "../channel/task.ts";
import type { ClientSocket } from "./client-socket.ts";
import {
  canPass,
  type ConnectionEvent,
  type ConnectionState,
  type DeadlineName,
  type EndingDeadline,
  isOpen,
  next,
} from "./connection-state.ts";
import { createDeadlines } from "./deadlines.ts";

/** A session's connection, and the deadlines that run in each of its states. */
export interface Lifecycle {
  /** True until the session begins to end. */
  readonly isOpen: boolean;
  /**
   * Tells the master, once, that the client is being served, and starts the session's deadlines.
   */
  announce(): void;
  /** Calls `pass` in `ms`, unless the client sends something or the session ends before that. */
  wait(name: "announce" | "silence" | "line ending", ms: number, pass: () => void): void;
  /** The client has sent something: nothing is waited for any more. */
  received(): void;
  /** The reply to what the client sent is on its way. */
  answered(): void;
  /** The service has finished, or the client has. */
  finish(reason: LeaveReason): void;
  /** The client has taken some of what was sent. */
  progress(): void;
  /** The client has taken everything that was sent. */
  drained(): void;
  /** The client sends nothing more. */
  clientEnded(): void;
  lost(reason: "left" | "reset"): void;
  /** Calls `callback` once, when the session begins to end. */
  onEnding(callback: () => void): void;
}

/** How long a client may take none of its last reply. */
const LAST_REPLY_TIMEOUT_MS = 10_000;

/**
 * How long the child still reads after its last byte was sent. Closing with bytes unread would
 * reset the connection, and the reset can overtake the last reply (RFC 1122, 4.2.2.13).
 */
const LINGER_TIMEOUT_MS = 500;

/** A connection is probed after a silence of this length: the client's host may have vanished. */
const KEEPALIVE_MS = 60_000;

const ANNOUNCED: ConnectionEvent = { type: "announced" };
const DRAINED: ConnectionEvent = { type: "drained" };

/** `onClosed` is called once, when the session is over. */
// oxlint-disable-next-line max-lines-per-function -- the state is private to these few functions
export function createLifecycle(
  socket: ClientSocket,
  task: Task,
  report: Reporter,
  onClosed: (reason: LeaveReason) => void,
): Lifecycle {
  const deadlines = createDeadlines<DeadlineName>();
  let state: ConnectionState = { name: "starting" };
  let onEnding = () => {};

  function setDeadline(name: EndingDeadline, ms: number): void {
    if (ms > 0) deadlines.set(name, ms, () => handle({ type: "deadline", name }));
  }

  function handle(event: ConnectionEvent): void {
    const before = state;
    state = next(before, event);
    if (state === before) return;
    deadlines.retain((name) => canPass(name, state));
    if (isOpen(before) && !isOpen(state)) onEnding();
    enter(state);
  }

  function enter(entered: ConnectionState): void {
    switch (entered.name) {
      case "starting":
        return;
      case "serving":
        report.serving();
        socket.keepAlive(KEEPALIVE_MS);
        setDeadline("first byte", task.firstByteTimeoutMs);
        setDeadline("idle", task.idleTimeoutMs);
        return setDeadline("session", task.maxSessionMs);
      case "finishing":
        return setDeadline("last reply", LAST_REPLY_TIMEOUT_MS);
      case "expiring":
        setDeadline("last reply", LAST_REPLY_TIMEOUT_MS);
        report.leaving(entered.reason);
        if (!socket.isBehind) handle(DRAINED);
        return;
      case "lingering":
        setDeadline("linger", LINGER_TIMEOUT_MS);
        report.leaving(entered.reason);
        return socket.shutdown();
      case "closed":
        report.leaving(entered.reason);
        socket.giveUp();
        onClosed(entered.reason);
    }
  }

  return {
    get isOpen() {
      return isOpen(state);
    },
    announce: () => handle(ANNOUNCED),
    wait(name, ms, pass) {
      if (isOpen(state)) deadlines.set(name, ms, pass);
    },
    received: () => deadlines.clear("announce", "silence", "line ending"),
    answered() {
      if (state.name === "starting") handle(ANNOUNCED);
      deadlines.clear("first byte");
      if (isOpen(state)) setDeadline("idle", task.idleTimeoutMs);
    },
    finish: (reason) => handle({ type: "finish", reason }),
    progress() {
      if (state.name === "finishing") setDeadline("last reply", LAST_REPLY_TIMEOUT_MS);
    },
    drained() {
      if (!isOpen(state)) handle(DRAINED);
    },
    clientEnded: () => handle({ type: "client ended" }),
    lost: (reason) => handle({ type: "lost", reason }),
    onEnding: (callback) => void (onEnding = callback),
  };
}
