/** What a child can speak to its client. The child knows no more of a protocol than this. */
import type { LeaveReason } from "../../channel/messages.ts";

export interface Service {
  /** The client is there; not called for one whose first bytes are there before it. */
  begin?(): void;
  /** Takes bytes as they came, in any split; gives the reply to them, which may be empty. */
  receive(bytes: Buffer): Buffer;
  /** Nothing came for a while: what may have been unfinished is whole. */
  quiet(): void;
  /** Nothing will come any more; gives what is still to be replied, or null: it will `finish` by itself. */
  end(): Buffer | null;
  /** The session ends: nothing that is sent from now on arrives. */
  ending?(): void;
  /** True while a silence matters. */
  readonly unfinished: boolean;
  /** `ending`: the client asked for the end and may yet send its line ending. `done`: end it. */
  readonly quitting: "no" | "ending" | "done";
  /** How long (ms) that line ending is worth waiting for. */
  readonly endingWait: number;
}

/** What a service can do at any time, beside replying to what came. */
export interface Link {
  send(bytes: Buffer): void;
  /** True while the client has not taken all that was sent. */
  readonly isBehind: boolean;
  /** Settles when the client's window has room again, or nobody is there any more. */
  drained(): Promise<void>;
  /** Ends the session as soon as all is sent. */
  finish(reason: LeaveReason): void;
  /** Nothing is read from the client until `resume`. */
  pause(): void;
  resume(): void;
}
