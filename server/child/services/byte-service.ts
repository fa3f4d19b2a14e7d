/** What a child serves to its client. The rest of the child knows nothing else of a protocol. */
import type { LeaveReason } from "../../channel/messages.ts";

/** A service for one client, as bytes in and bytes out. */
export interface ByteService {
  /** The client is there. Not called for a client whose first bytes were received before that. */
  open?(): void;
  /** Takes bytes, in any split; returns the reply to them, which may be empty. */
  receive(bytes: Buffer): Buffer;
  /**
   * The client sends nothing more. Returns the last reply; null if the
   * service will `finish` itself.
   */
  end(): Buffer | null;
  /** True while the service wants to know whether the client falls silent. */
  readonly awaitsSilence?: boolean;
  /** The client fell silent: a request that may have been incomplete is complete. */
  silence?(): void;
  /**
   * `line ending`: the client has quit and may still send its line ending.
   * `done`: the session is to end.
   */
  readonly quitting?: "no" | "line ending" | "done";
  /** How long (ms) to wait for that line ending. */
  readonly lineEndingTimeoutMs?: number;
}

/** What a service can do at any time, besides replying to what it receives. */
export interface Connection {
  /** Sends bytes, which belong to the connection from now on; ignored once the session ends. */
  send(bytes: Buffer): void;
  /** True while the client has not taken everything that was sent. */
  readonly isBehind: boolean;
  /** Settles when the client has taken everything that was sent, or has gone. */
  drained(): Promise<void>;
  /** Ends the session when everything is sent. */
  finish(reason: LeaveReason): void;
  /** Reads nothing from the client until `resume`. */
  pause(): void;
  resume(): void;
  /** Calls `callback` once, when the session begins to end: nothing can be sent any more. */
  onEnding(callback: () => void): void;
}
