/**
 * The master's end of a child's channel: a Unix stream socket with a line of JSON for each message
 * (unix(7)). The child may have been taken over, so everything is bounded: how long a line is, how
 * much is read in a window of time, and what waits to be sent. Beyond these bounds the master reads
 * no more, and the child blocks in its own write.
 *
 * Bun reads with recv(2), which has no room for descriptors: the kernel closes those that a
 * child sends (SCM_RIGHTS).
 */
import { closeSync } from "node:fs";
import type { Socket } from "bun";
import { createChannelReader, MAX_MESSAGE_BYTES } from "./channel-reader.ts";
import { createChannelWriter } from "./channel-writer.ts";

export interface Channel {
  /** False once the child has closed its end, or `close` was called. */
  readonly isOpen: boolean;
  /** Handles no further message of the child until it has taken a reply. */
  awaitReply(): void;
  /** Sends the reply that the child waits for, which is never dropped. */
  reply(line: Buffer): void;
  /**
   * Sends what another child does. If too much waits it is dropped, and the child is sent the
   * number of those dropped. `line` is only read: the same one may be sent to many.
   */
  deliver(line: Buffer): void;
  /**
   * The child has ended. Resolves when what it has sent was handled: as much as in one window, and
   * not for long, because a process that it has left behind may hold its end open.
   */
  finish(): Promise<void>;
  /** Discards what was not handled, and what waits to be sent. */
  close(): void;
}

export interface ChannelEvents {
  /** A message: anything that JSON can express, or undefined if it was not JSON. */
  message(message: unknown): void;
  /** `offence`: what the child did, as the log says after its PID. The channel is closed. */
  misbehaved(offence: string): void;
}

/** How long an ended child's channel is still read. */
const FINISH_TIMEOUT_MS = 100;

/** Takes ownership of `fd`. @throws if it cannot be used; then it is closed. */
export function openChannel(fd: number, events: ChannelEvents): Channel {
  const closed = Promise.withResolvers<void>();
  let socket: Socket;
  let isOpen = true;
  const writer = createChannelWriter((bytes) => (isOpen ? socket.write(bytes) : -1));
  const reader = createChannelReader({
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    mayHandle: () => !writer.owesReply,
    onMessage: events.message,
    onLineTooLong() {
      events.misbehaved(`sent a message of more than ${MAX_MESSAGE_BYTES} bytes`);
      close(); // not before it is killed: it would see an end of file, and could exit by itself
    },
  });

  function drain(): void {
    writer.flush();
    reader.proceed();
  }

  function close(): void {
    if (!isOpen) return;
    isOpen = false;
    reader.stop();
    writer.stop();
    socket.close();
    closed.resolve();
  }

  socket = openSocket(fd, { data: reader.receive, drain, close });
  return {
    get isOpen() {
      return isOpen;
    },
    awaitReply: writer.awaitReply,
    reply(line) {
      writer.reply(line);
      reader.proceed();
    },
    deliver: writer.deliver,
    async finish() {
      if (!isOpen) return;
      const timeout = setTimeout(close, FINISH_TIMEOUT_MS);
      reader.finish();
      await closed.promise;
      clearTimeout(timeout);
    },
    close,
  };
}

function openSocket(
  fd: number,
  { data, drain, close }: { data(bytes: Buffer): void; drain(): void; close(): void },
): Socket {
  let opened: Socket | undefined;
  let failure: unknown;
  const connected = Bun.connect({
    fd,
    socket: {
      open: (socket) => void (opened = socket),
      data: (_, bytes) => data(bytes),
      drain,
      close,
      connectError: (_, error) => void (failure = error),
      error(_, error) {
        throw error;
      },
    },
  });
  if (opened !== undefined) return opened;
  void connected.catch(() => {}); // `failure` is the same error
  closeSync(fd);
  throw new Error("the channel could not be opened", { cause: failure });
}
