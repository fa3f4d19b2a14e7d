/**
 * A child's whole work: speaks a service on one client's socket and tells the master what happens in
 * few messages.
 *
 * Every client pays for every import here, so there are almost none.
 */
import type { Socket } from "bun";
import type { LeaveReason } from "../channel/messages.ts";
import { createOutbox } from "./outbox.ts";
import type { Reporter } from "../channel/report.ts";
import type { Link, Service } from "./services/service.ts";
import type { Task } from "../channel/task.ts";

/** Reads and writes before Bun has the socket. */
export interface FirstExchange {
  /** What has come; empty if nothing has. */
  read(): Buffer;
  /** Gives how many bytes of the reply could be sent. */
  write(reply: Buffer): number;
}

/** A silence (ms) after which a request without a line ending is taken as whole. */
const QUIET = 250;

/**
 * How long (ms) the child still reads after its last byte was sent. Closing with bytes unread would
 * reset the connection, and the reset can overtake the last reply (RFC 1122, 4.2.2.13).
 */
const LINGER = 500;

/** How long (ms) a client may take none of its last replies. */
const PATIENCE = 10_000;

/** So long (ms) after the child has its client the master is told, unless a request comes first. */
const FIRST_REQUEST = 1;

/** A connection that is silent for so long (ms) is probed: its host may have vanished. */
const KEEPALIVE = 60_000;

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Serves the client at the other end of `fd`, which it owns from now on, with the service that `speak`
 * gives, and calls `end` when it is done.
 */
export function serveClient(
  fd: number,
  task: Task,
  speak: (link: Link) => Service,
  report: Reporter,
  end: (reason: LeaveReason) => void,
  first: FirstExchange | null = null,
): void {
  /**
   * serving → finishing (the last reply is on its way) → lingering (it was sent, the end too) → gone. expiring is
   * finishing with a deadline.
   */
  let state: "serving" | "finishing" | "expiring" | "lingering" | "gone" = "serving";
  let reason: LeaveReason = "left";

  /** The service wants nothing read. */
  let paused = false;
  /** Those who wait for the client to take what it was sent. */
  let waiting: (() => void)[] = [];

  const service = speak({
    send: say,
    get isBehind() {
      return pending.isFull;
    },
    drained,
    finish,
    pause,
    resume,
  });

  const firstRequest = first?.read() ?? NOTHING;
  const firstReply = firstRequest.length > 0 ? service.receive(firstRequest) : NOTHING;
  const firstSent = first?.write(firstReply) ?? 0;

  /** Replies that the client's window has no room for yet. While there are any, nothing is read. */
  const pending = createOutbox();
  pending.add(firstReply.subarray(firstSent));

  /** True when the master knows that this child serves. */
  let settled = false;
  let timer: Timer | undefined;
  let mute: Timer | undefined;
  let idle: Timer | undefined;
  let session: Timer | undefined;
  let socket: Socket; // before `begin` nothing below is called

  void Bun.connect({
    fd,
    // A client that sent its last request (`printf time | nc -N`) still wants the reply.
    allowHalfOpen: true,
    socket: {
      open: begin,
      data: (_, bytes) => (state === "serving" ? serve(bytes) : undefined),
      drain: flush,
      end() {
        if (state === "lingering") return leave();
        const lastReply = service.end();
        if (lastReply !== null) finish(service.quitting === "no" ? "left" : "quit", lastReply);
      },
      close: (_, error) => lose(error === undefined ? "left" : "reset"),
      error(_, error) {
        throw error;
      },
    },
  });

  /** What the client need not wait for, if its first request is here already. */
  function begin(adopted: Socket): void {
    socket = adopted;
    if (service.begin !== undefined) {
      settle();
      service.begin();
    }
    if (firstRequest.length === 0) timer = setTimeout(settle, FIRST_REQUEST);
    else {
      flush();
      report.received(firstRequest.length);
      replied(firstReply);
    }
  }

  function settle(): void {
    if (settled) return;
    settled = true;
    report.serving();
    socket.setKeepAlive(true, KEEPALIVE);
    const { firstByteTimeout, idleTimeout, maxSession } = task;
    if (firstByteTimeout > 0) mute = setTimeout(expire, firstByteTimeout, "no first byte");
    if (idleTimeout > 0) idle = setTimeout(expire, idleTimeout, "idle");
    if (maxSession > 0) session = setTimeout(expire, maxSession, "session too long");
  }

  /** A deadline has come: the client may still take its last replies, but not its time. */
  function expire(why: LeaveReason): void {
    finish(why);
    if (state !== "finishing") return;
    state = "expiring";
    clearTimeout(timer);
    timer = setTimeout(lose, PATIENCE, reason);
    report.leaving(reason);
  }

  function serve(bytes: Buffer): void {
    clearTimeout(timer);
    report.received(bytes.length);
    const reply = service.receive(bytes);
    send(reply);
    replied(reply);
  }

  /** What is left to do when a reply is on its way. */
  function replied(reply: Buffer): void {
    settle();
    clearTimeout(mute);
    idle?.refresh();
    report.activity(reply.length);
    if (service.quitting === "done") finish("quit");
    else if (service.quitting === "ending") timer = setTimeout(finish, service.endingWait, "quit");
    else if (service.unfinished) timer = setTimeout(quiet, QUIET);
  }

  /** What was sent bare is now known to be whole; a bare line that is no command is told here. */
  function quiet(): void {
    service.quiet();
    report.activity(0);
  }

  /** What the service says without being asked. */
  function say(bytes: Buffer): void {
    if (state !== "serving") return;
    send(bytes);
    report.activity(bytes.length);
  }

  async function drained(): Promise<void> {
    if (!pending.isFull || state === "gone") return;
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function pause(): void {
    paused = true;
    socket.pause();
  }

  function resume(): void {
    if (!paused) return;
    paused = false;
    if (state === "serving") flush();
  }

  function send(bytes: Buffer): void {
    const isBehind = pending.isFull;
    pending.add(bytes);
    if (!isBehind) flush(); // else `drain` does it
  }

  function flush(): void {
    // Bun tells of a broken connection here alone.
    if (!pending.empty(write)) return lose("reset");
    if (pending.isFull) return void socket.pause();
    if (state === "finishing" || state === "expiring") linger();
    else if (!paused) socket.resume();
    wakeWaiting();
  }

  function write(bytes: Buffer): number {
    const written = socket.write(bytes);
    if (state === "finishing" && written > 0) timer?.refresh(); // it takes its time, but it takes
    return written;
  }

  function wakeWaiting(): void {
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  }

  /** Ends the session as soon as all replies are sent, or the client does not take them. */
  function finish(why: LeaveReason, lastReply = NOTHING): void {
    if (state !== "serving") return;
    settle();
    clearTimeout(timer);
    state = "finishing";
    reason = why;
    service.ending?.();
    timer = setTimeout(lose, PATIENCE, reason);
    report.activity(lastReply.length);
    send(lastReply);
  }

  function leave(): void {
    if (state === "gone") return;
    state = "gone";
    for (const one of [timer, mute, idle, session]) clearTimeout(one);
    wakeWaiting();
    end(reason);
  }

  /** Ends the session at once: there is nobody to send to. */
  function lose(why: LeaveReason): void {
    if (state === "serving") {
      reason = why;
      service.ending?.();
    }
    report.leaving(reason);
    leave();
  }

  function linger(): void {
    clearTimeout(timer);
    state = "lingering";
    report.leaving(reason);
    socket.resume();
    socket.shutdown();
    timer = setTimeout(leave, LINGER);
  }
}
