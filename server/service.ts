/**
 * What a service of your own is made of:
 *
 *     import { service } from "brood";
 *
 *     export default service({
 *       state: () => ({ lines: 0 }),
 *       open: (client) => client.write(`Hello, ${client.address}!\r\n`),
 *       line(client, line) {
 *         client.state.lines += 1;
 *         client.write(`${client.state.lines}: ${line}\r\n`);
 *       },
 *     });
 *
 * `bun start --service ./hello.ts` serves it: each client in a process of its own, in which this module is
 * loaded anew. So there is one client to a process, a module's variables are that client's alone, and what
 * throws, blocks, leaks or ends the process harms nobody else.
 */
import type { LeaveReason, Member } from "./channel/messages.ts";

export type { LeaveReason, Member };

/** What may be sent to others: whatever JSON can say. */
export type Message =
  string | number | boolean | null | readonly Message[] | { readonly [key: string]: Message };

/** The one client of this process. */
export interface Client<State = undefined> {
  /** The session's id, which stands in the log and on the page, too. Never used again. */
  readonly id: string;
  /** The client's IP address. */
  readonly address: string;
  readonly port: number;
  /** What `state` gave, for the service to do with as it likes. */
  readonly state: State;
  /**
   * Aborted when the session ends, for whatever reason: give it to what should not outlive the client. Of one that
   * closes its connection while a handler waits that is known when it was told nothing for 10 s: until then it
   * could be one that sends nothing more and wants its answers.
   */
  readonly signal: AbortSignal;
  /**
   * Sends text (as UTF-8) or bytes. Settles when the kernel has taken them, at once for a client that reads.
   * As long as one does not, no handler is called with the next line: so nobody has to await this, but who
   * writes very much in one go should.
   */
  write(data: string | Uint8Array): Promise<void>;
  /** Ends the session when all that was written is sent, and these last words. */
  end(data?: string | Uint8Array): void;
  /** Puts a line in the server's log and on the page. Twenty at once, then four times a second. */
  log(text: string): void;
  /**
   * Enters a room under a name, and leaves the one before. From then on `message`, `joined` and `left` tell
   * of the others there. Both names have 1 to 40 characters.
   * @returns false if the name is taken there; then nothing has changed.
   * @throws {RangeError} on names that are empty or longer, or no one `clean` line without tabs.
   */
  enter(room: string, name: string): Promise<boolean>;
  /** Who is in a room; if none is named, in the client's own. */
  who(room?: string): Promise<Member[]>;
  /**
   * Sends a message to all others in the room, 8,000 characters as JSON at the most. Settles with their
   * number when it is on its way to all of them: 0 before `enter`. What one sends comes to each in the order
   * of sending.
   * @throws {RangeError} if it is longer.
   */
  broadcast(message: Message): Promise<number>;
  /**
   * Sends a message to one member, whatever room it is in.
   * @returns false if there is none, or this client has entered no room.
   */
  send(to: string, message: Message): Promise<boolean>;
}

/**
 * What a service does when something happens to its client. Handlers are called one at a time: the next one
 * when the promise of the one before has settled. One that throws or rejects ends this client alone, with
 * its stack in the log.
 */
export interface Service<State = undefined> {
  /** What `client.state` is at first. */
  state?(): State;
  /** The client has come. */
  open?(client: Client<State>): void | Promise<void>;
  /**
   * A line came: `clean` text without its line ending, 4,096 bytes at the most. A longer one is told so and
   * not given here. Telnet's own bytes are taken out.
   */
  line?(client: Client<State>, line: string): void | Promise<void>;
  /** In place of `line`: bytes as they came, in any split, telnet's own among them. */
  bytes?(client: Client<State>, bytes: Uint8Array): void | Promise<void>;
  /** The session is over; nothing can be written any more. It has 5 s. Not called when the child is killed. */
  leave?(client: Client<State>, reason: LeaveReason): void | Promise<void>;
  /**
   * Another member of the room, or whoever knows the session's id, has sent something. It comes from another
   * process, which its client may have taken over: check it.
   */
  message?(client: Client<State>, from: Member, message: Message): void | Promise<void>;
  /** Another one has entered the room, or left it, by whatever way. */
  joined?(client: Client<State>, member: Member): void | Promise<void>;
  left?(client: Client<State>, member: Member): void | Promise<void>;
  /** So many of what the three above would have been told of were left out: this client reads too slowly. */
  lost?(client: Client<State>, count: number): void | Promise<void>;
}

/** Gives the service as it is; it is there for the types. */
export function service<State = undefined>(definition: Service<State>): Service<State> {
  return definition;
}

/**
 * Makes a text one line that is safe in any terminal: takes out control characters, so that there is no escape
 * code left in it, and what reorders the text around it. Lines come so; what others send may not.
 */
export function clean(text: string): string {
  // All in one function: bundle-module.ts gives its text to the service's bundle.
  return text.replace(/[^\P{Cc}\t]|[\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, "");
}
