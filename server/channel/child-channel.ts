/**
 * A child's end of the channel. Bun's socket costs a child nothing that its client's has not loaded
 * already; `writeSync` of node:fs would be 180 page faults.
 */
import type { Socket } from "bun";
import { createOutbox } from "../os/outbox.ts";
import { type ChildMessage, encodeMessage } from "./messages.ts";

export interface ChildChannel {
  /** False once the master has died. */
  readonly isOpen: boolean;
  /** True while the master does not keep up. Then reports wait, so that messages do not pile up. */
  readonly isBehind: boolean;
  /**
   * Sends a message. If the master has died it is dropped: the child carries on alone.
   *
   * Messages are few and small, so the kernel takes each immediately, and none is lost if the
   * process exits right after it.
   */
  send(message: ChildMessage): void;
  /**
   * Calls `onBytes` with what the master sends from now on, in any split. Before, there is nothing.
   */
  listen(onBytes: (bytes: Buffer) => void): void;
  /** Reads nothing until `resume`. */
  pause(): void;
  resume(): void;
  /** Calls `callback` when the master has died. */
  onClosed(callback: () => void): void;
}

/** Takes ownership of `fd`, and uses it from the first call of a function on. */
export function createChildChannel(fd: number): ChildChannel {
  const outbox = createOutbox();
  let socket: Socket | undefined;
  let isOpen = true;
  let onBytes: (bytes: Buffer) => void = () => {};
  const onClosed: (() => void)[] = [];

  function open(): void {
    if (socket !== undefined) return;
    void Bun.connect({
      fd,
      socket: {
        open: (opened) => void (socket = opened),
        data: (_, bytes) => onBytes(bytes),
        drain: flush,
        close,
        error(_, error) {
          throw error;
        },
      },
    });
  }

  function flush(): void {
    // A dead master has closed its end (EPIPE), which is no error here.
    if (!outbox.flush((bytes) => socket?.write(bytes) ?? -1)) outbox.clear();
  }

  function close(): void {
    isOpen = false;
    outbox.clear();
    for (const callback of onClosed) callback();
  }

  return {
    get isOpen() {
      return isOpen;
    },
    get isBehind() {
      return !outbox.isEmpty;
    },
    send(message) {
      open();
      if (!isOpen) return;
      const wasEmpty = outbox.isEmpty;
      outbox.add(encodeMessage(message));
      if (wasEmpty) flush();
    },
    listen(callback) {
      onBytes = callback;
      open();
    },
    pause: () => void socket?.pause(),
    resume: () => void socket?.resume(),
    onClosed(callback) {
      onClosed.push(callback);
      open();
    },
  };
}
