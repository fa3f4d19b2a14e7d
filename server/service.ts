/**
 * The API for services of your own. A service says what happens when a client
 * connects, sends a line, or leaves:
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
 * Save it as hello.ts, serve it with `npm start -- --service ./hello.ts`, and connect with telnet.
 *
 * Each client gets its own process, which loads the module afresh. So the module's variables
 * belong to that one client, and if a handler throws, blocks, leaks memory or ends the process, no
 * other client is affected.
 *
 * Clients can also talk to each other: see `Client.enter` and `Service.message`. More examples are
 * in server/child/services/README.md.
 */
import type { LeaveReason, Member } from "./channel/messages.ts";

export type { LeaveReason, Member };

/** What clients can send to each other: anything that JSON can express. */
export type Message =
  string | number | boolean | null | readonly Message[] | { readonly [key: string]: Message };

/**
 * The one client of this process, which every handler gets as its first argument. Its methods need
 * no `this`, so handlers may destructure it: `line({ write }, line)`.
 */
export interface Client<State = undefined> {
  /** The session's id, as in the log and on the page. It is never used again. */
  readonly id: string;
  /** The client's IP address. */
  readonly address: string;
  readonly port: number;
  /** What `state` returned. It is the service's: brood never touches it. */
  readonly state: State;
  /**
   * Aborted when the session ends, for whatever reason. Pass it to anything that
   * should not outlive the client:
   *
   *     await fetch(url, { signal: client.signal });
   *
   * A client that has closed its connection looks the same as one that has finished sending but
   * still reads. So if that happens while a handler waits, the signal is aborted after 10 seconds
   * in which nothing was written.
   */
  readonly signal: AbortSignal;
  /**
   * Sends text (as UTF-8) or bytes, which are copied. Settles when nothing that was written is left
   * in this process: immediately, if the client keeps reading.
   *
   * There is no need to await this: the next handler is called only after the client has taken
   * everything. Await it if a handler writes a lot, so that the data does not pile up in memory.
   */
  write(data: string | Uint8Array): Promise<void>;
  /** Ends the session when everything that was written has been sent, and then `data`. */
  end(data?: string | Uint8Array): void;
  /**
   * Writes a line to the server's log and the page, like anything the module prints. If there are
   * very many, some are only counted.
   */
  log(text: string): void;
  /**
   * Enters a room under a name, and leaves the previous room. From then on the handlers
   * `message`, `joined` and `left` are called for what the other members do. Room and name
   * have 1 to 40 characters each.
   *
   * @returns false if another member of that room has the name; then nothing has changed.
   * @throws {RangeError} if room or name is empty, too long, contains a tab, or is
   * not the same after `clean`.
   */
  enter(room: string, name: string): Promise<boolean>;
  /** Returns the members of a room; by default, of the client's own. */
  who(room?: string): Promise<Member[]>;
  /**
   * Sends a message to all other members of the client's room. Settles when it is on its way to all
   * of them. Messages from one sender arrive in the order in which they were sent.
   *
   * @returns how many members it was sent to: 0 before `enter`.
   * @throws {RangeError} if the message has more than 8,000 characters as JSON.
   * @throws {TypeError} if JSON cannot express it.
   */
  broadcast(message: Message): Promise<number>;
  /**
   * Sends a message to one member, in whatever room it is. `to` is its `Member.id`.
   *
   * @returns false if there is no such member, or if this client has entered no room.
   * @throws as `broadcast` does.
   */
  send(to: string, message: Message): Promise<boolean>;
}

/**
 * A service's handlers: what it does when something happens to its client. It needs at least one of
 * `open`, `line` and `bytes`. A handler may be asynchronous. Handlers are called one at a time: the
 * next one when the promise of the last one has settled and the client has taken what was written.
 *
 * If a handler throws or rejects, its client is sent `the service has failed`, its session ends,
 * and the log and the page show the stack. No other client is affected.
 */
export interface Service<State = undefined> {
  /** Called first. What it returns becomes `client.state`, and determines its type. */
  state?(): State;
  /** The client has connected. */
  open?(client: Client<State>): void | Promise<void>;
  /**
   * The client has sent a line, of at most 4,096 bytes. It comes as `clean` text without its line
   * ending and without telnet's commands. A client that sends a longer line gets an error
   * message, and the line is dropped.
   */
  line?(client: Client<State>, line: string): void | Promise<void>;
  /**
   * The client has sent bytes. They come unchanged, including telnet's commands, and may be split
   * anywhere. A service has either `line` or `bytes`.
   */
  bytes?(client: Client<State>, bytes: Uint8Array): void | Promise<void>;
  /**
   * The session has ended; nothing can be written any more. The handler has 5 seconds before the
   * process ends. It is not called if the process is killed.
   */
  leave?(client: Client<State>, reason: LeaveReason): void | Promise<void>;
  /**
   * Another client has sent a message: a member of the room, or any that knows this
   * session's id. It comes from another process, which its client may have taken over, so
   * check that it is what you expect.
   */
  message?(client: Client<State>, from: Member, message: Message): void | Promise<void>;
  /** Another client has entered the room. */
  joined?(client: Client<State>, member: Member): void | Promise<void>;
  /** Another client has left the room: it entered another one, or its session ended. */
  left?(client: Client<State>, member: Member): void | Promise<void>;
  /**
   * This client reads too slowly, so `count` calls of `message`, `joined` and `left` were left out.
   */
  lost?(client: Client<State>, count: number): void | Promise<void>;
}

/**
 * Returns the definition unchanged, and only checks its types. The module exports
 * the result as its default.
 */
export function service<State = undefined>(definition: Service<State>): Service<State> {
  return definition;
}

/**
 * Returns text as one line that is safe in any terminal: without control characters, and so without
 * escape codes, and without the characters that reorder the text around them. Tabs stay. Lines come
 * like this; messages may not.
 */
export function clean(text: string): string {
  // All of it in one function: bundle-module.ts copies its source into the service's bundle.
  return text.replace(/[^\P{Cc}\t]|[\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, "");
}
