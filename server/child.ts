/**
 * The child: one process, one client, then the end. It finds its client's socket as descriptor 3,
 * speaks its service on it, and tells the master what happens in few messages.
 *
 * Every client pays for every import here, so there are almost none.
 */
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
      else finish("left", service.end());
    },
    close(_, error) {
      report.leaving(error === undefined ? "left" : "reset");
      leave();
    },
    error(_, error) {
      throw error;
    },
  },
});
const idle = idleTimeout > 0 ? setTimeout(expire, idleTimeout) : undefined;
report.serving();

function serve(bytes: Buffer): void {
  clearTimeout(timer);
  idle?.refresh();
  for (let at = 0; at < bytes.length; at += SLICE) answer(bytes.subarray(at, at + SLICE));
  if (service.quitting === "done") finish("quit");
  else if (service.quitting === "ending") timer = setTimeout(finish, service.endingWait, "quit");
  else if (service.unfinished) timer = setTimeout(quiet, QUIET);
}

function answer(bytes: Buffer): void {
  let reply = "";
  telnet.decode(
    bytes,
    (data) => (reply += service.receive(data)),
    () => (reply += WONT_TIMING_MARK),
  );
  // Before the reply goes out, so that the log never tells of an effect before its cause.
  report.activity(bytes.length, reply.length);
  send(reply);
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
  if (pending.length > 0) pending = pending.subarray(Math.max(socket.write(pending), 0));
  if (pending.length > 0) socket.pause();
  else if (state === "finishing") linger();
  else socket.resume();
}

/** Ends the session as soon as all replies are sent. */
function finish(reason: "quit" | "left" | "idle", lastReply = ""): void {
  if (state !== "serving") return;
  clearTimeout(timer);
  state = "finishing";
  report.activity(0, lastReply.length);
  report.leaving(reason);
  send(lastReply);
}

/** A client that neither sends nor reads its replies is not waited for. */
function expire(): void {
  if (pending.length === 0) return finish("idle");
  report.leaving("idle");
  leave();
}

function linger(): void {
  state = "lingering";
  socket.resume();
  socket.shutdown();
  timer = setTimeout(leave, LINGER);
}

function leave(): void {
  report.whenTold(() => process.exit(0));
}
