/**
 * The child: one process, one client, then the end. It finds its client's socket as descriptor 3,
 * speaks its service on it, and tells the master what happens in few messages.
 *
 * Every client pays for every import here, so there are almost none.
 */
import type { LeaveReason } from "../shared/messages.ts";
import { reporter } from "./report.ts";
import { timeService } from "./services/time.ts";
import { telnetDecoder, WONT_TIMING_MARK } from "./telnet.ts";

const CLIENT_FD = 3;

/** A silence (ms) after which a request without a line ending is taken as whole. */
const QUIET = 250;

/**
 * How long (ms) the child still reads after its last byte was sent. Closing with bytes unread would
 * reset the connection, and the reset can overtake the last reply (RFC 1122, 4.2.2.13).
 */
const LINGER = 500;

/** How long (ms) a client may take to read its last replies. */
const PATIENCE = 10_000;

/** A connection that is silent for so long (ms) is probed: its host may have vanished. */
const KEEPALIVE = 60_000;

/**
 * Bytes that are answered in one go. Bun reads up to 512 kB at once; the strings for so many
 * requests together made the heap of a child whose client floods it grow to 300 MB instead of 35.
 */
const SLICE = 16_384;

const idleTimeout = Number(process.argv[2] ?? 0);

const report = reporter();
const service = timeService(report.request);
const telnet = telnetDecoder();

/** serving → finishing (the last reply is on its way) → lingering (it was sent, the end too). */
let state: "serving" | "finishing" | "lingering" = "serving";

/** Replies that the client's window has no room for yet. While there are any, nothing is read. */
let pending: Buffer = Buffer.alloc(0);

let timer: Timer | undefined;

const socket = await Bun.connect({
  fd: CLIENT_FD,
  // A client that sent its last request (`printf time | nc -N`) still wants the reply.
  allowHalfOpen: true,
  socket: {
    data: (_, bytes) => (state === "serving" ? serve(bytes) : undefined),
    drain: flush,
    end() {
      if (state === "lingering") leave();
      else finish(service.quitting === "no" ? "left" : "quit", service.end());
    },
    close: (_, error) => lose(error === undefined ? "left" : "reset"),
    error(_, error) {
      throw error;
    },
  },
});
const idle = idleTimeout > 0 ? setTimeout(finish, idleTimeout, "idle") : undefined;
socket.setKeepAlive(true, KEEPALIVE);
report.serving();

function serve(bytes: Buffer): void {
  clearTimeout(timer);
  idle?.refresh();
  for (let at = 0; at < bytes.length && state === "serving"; at += SLICE) {
    answer(bytes.subarray(at, at + SLICE));
  }
  if (service.quitting === "ending") timer = setTimeout(finish, service.endingWait, "quit");
  else if (service.unfinished) timer = setTimeout(quiet, QUIET);
}

function answer(bytes: Buffer): void {
  let reply = "";
  telnet.decode(
    bytes,
    (data) => (reply += service.receive(data)),
    () => (reply += service.quitting === "done" ? "" : WONT_TIMING_MARK),
  );
  // Before the reply goes out, so that the log never tells of an effect before its cause.
  report.activity(bytes.length, reply.length);
  send(reply);
  if (service.quitting === "done") finish("quit");
}

/** What was sent bare is now known to be whole; a bare line that is no command is told here. */
function quiet(): void {
  service.quiet();
  report.activity(0, 0);
}

function send(text: string): void {
  const bytes = Buffer.from(text, "latin1");
  pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
  flush();
}

function flush(): void {
  if (pending.length > 0) {
    const written = socket.write(pending);
    if (written < 0) return lose("reset"); // Bun tells of a broken connection here alone
    pending = pending.subarray(written);
  }
  if (pending.length > 0) socket.pause();
  else if (state === "finishing") linger();
  else socket.resume();
}

/** Ends the session as soon as all replies are sent, or the client does not take them. */
function finish(reason: "quit" | "left" | "idle", lastReply = ""): void {
  if (state !== "serving") return;
  clearTimeout(timer);
  state = "finishing";
  timer = setTimeout(lose, PATIENCE, reason);
  report.activity(0, lastReply.length);
  report.leaving(reason);
  send(lastReply);
}

/** Ends the session at once: there is nobody to send to. */
function lose(reason: LeaveReason): void {
  report.leaving(reason);
  leave();
}

function linger(): void {
  clearTimeout(timer);
  state = "lingering";
  socket.resume();
  socket.shutdown();
  timer = setTimeout(leave, LINGER);
}

function leave(): void {
  process.exit(0);
}
