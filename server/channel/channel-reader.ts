/** Reads what a child sends, no faster than its quota and only while the child is owed no reply. */
import { createLineBuffer, LineTooLong } from "./line-buffer.ts";
import { createReadQuota } from "./read-quota.ts";

/**
 * Bytes of a message. The longest that an honest child sends has some
 * 50,000: see MAX_PRINTED_CHARS.
 */
export const MAX_MESSAGE_BYTES = 65_536;

export interface ChannelReader {
  /** Takes what was read. Nothing more comes after `pause`, until `resume`. */
  receive(bytes: Buffer): void;
  /** Handles what was left, if a message may be handled now. */
  proceed(): void;
  /** The child has ended: handles what it has sent as if a new window had begun. */
  finish(): void;
  stop(): void;
}

interface ReaderContext {
  /**
   * Where the bytes come from. While it is paused they fill the kernel's buffer,
   * and then the child blocks.
   */
  pause(): void;
  resume(): void;
  /** False while a reply is owed. */
  mayHandle(): boolean;
  /** A message: anything that JSON can express, or undefined if it was not JSON. */
  onMessage(message: unknown): void;
  onLineTooLong(): void;
}

type ReaderState = "reading" | "handling" | "paused" | "stopped";

export function createChannelReader(context: ReaderContext): ChannelReader {
  const lines = createLineBuffer(MAX_MESSAGE_BYTES);
  const quota = createReadQuota();
  let state: ReaderState = "reading";
  let timer: Timer | undefined;
  const isStopped = () => state === "stopped";

  function handleLines(): void {
    const wasPaused = state === "paused";
    state = "handling";
    clearTimeout(timer);
    let waitMs = quota.wait();
    for (; context.mayHandle() && waitMs === 0; waitMs = quota.wait()) {
      const line = lines.next();
      if (line === null) {
        state = "reading";
        if (wasPaused) context.resume();
        return;
      }
      quota.spend(1, line.length);
      context.onMessage(parseJson(line));
      if (isStopped()) return;
    }
    state = "paused";
    if (!wasPaused) context.pause();
    if (waitMs > 0) timer = setTimeout(tryHandleLines, waitMs);
  }

  function tryHandleLines(): void {
    try {
      handleLines();
    } catch (error) {
      if (!(error instanceof LineTooLong)) throw error;
      context.onLineTooLong();
    }
  }

  function proceed(): void {
    if (state === "paused") tryHandleLines();
  }

  return {
    receive(bytes) {
      if (isStopped()) return;
      lines.add(bytes);
      if (!bytes.includes("\n")) quota.spend(1, 0);
      if (state === "reading") tryHandleLines();
    },
    proceed,
    finish() {
      quota.refill();
      proceed();
    },
    stop() {
      state = "stopped";
      clearTimeout(timer);
    },
  };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // not a message: the code that handles it rejects it
  }
}
