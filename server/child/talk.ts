/**
 * A child's side of the rooms: sends its service's requests to the master, one at a time, and
 * receives what other members send. While the service is behind, nothing is read, so what others
 * send waits in the master (channel-writer.ts) and does not pile up here.
 */
import type { ChildChannel } from "../channel/child-channel.ts";
import { createLineBuffer } from "../channel/line-buffer.ts";
import {
  isName,
  type MasterMessage,
  MAX_NAME_CHARS,
  type Member,
  type RoomReply,
  type RoomRequest,
} from "../channel/messages.ts";

/** What happens in the room. */
export type RoomEvent = Exclude<MasterMessage, { type: "reply" }>;

export interface Talk {
  enter(room: string, name: string): Promise<boolean>;
  /** A room without a valid name has no members. */
  who(room: string): Promise<Member[]>;
  broadcast(json: string): Promise<number>;
  send(to: string, json: string): Promise<boolean>;
  /** Settles when every request made so far has been answered. */
  answered(): Promise<unknown>;
  /** Calls `callback` with each event from now on. There are none before the first request. */
  onEvent(callback: (event: RoomEvent) => void): void;
  /** The service has been given one of the events. */
  handled(): void;
}

/** With more events in the queue nothing is read, unless a reply is on its way behind them. */
const MAX_QUEUED_EVENTS = 32;

export function createTalk(channel: ChildChannel): Talk {
  const { request, answered, onEvent, handled } = createRoomRequests(channel);

  // If the master has died, the client carries on alone. Requests that the master
  // would reject are not sent.
  return {
    enter: async (room, name) =>
      ((await request({ what: "enter", room, name })) ?? true) as boolean,
    async who(room) {
      if (!isName(room)) return [];
      return ((await request({ what: "who", room })) ?? []) as Member[];
    },
    broadcast: async (json) => ((await request({ what: "broadcast", json })) ?? 0) as number,
    async send(to, json) {
      if (to.length > MAX_NAME_CHARS) return false;
      return ((await request({ what: "send", to, json })) ?? false) as boolean;
    },
    answered,
    onEvent,
    handled,
  };
}

/** Sends requests to the master one after the other, each when the one before has been answered. */
function createRoomRequests(channel: ChildChannel) {
  const lines = createLineBuffer(Number.POSITIVE_INFINITY);
  let last: Promise<unknown> = Promise.resolve();
  let isListening = false;
  let onReply: ((reply: RoomReply | null) => void) | null = null;
  let queuedEvents = 0;
  let onEvent: (event: RoomEvent) => void = () => {};

  function receive(bytes: Buffer): void {
    lines.add(bytes);
    for (let line = lines.next(); line !== null; line = lines.next()) {
      handleMessage(JSON.parse(line) as MasterMessage);
    }
    readIfRoom();
  }

  function handleMessage(message: MasterMessage): void {
    if (message.type === "reply") return settle(message.value);
    queuedEvents += 1;
    onEvent(message);
  }

  function readIfRoom(): void {
    if (queuedEvents < MAX_QUEUED_EVENTS || onReply !== null) channel.resume();
    else channel.pause();
  }

  function settle(reply: RoomReply | null): void {
    const settled = onReply;
    onReply = null;
    settled?.(reply);
  }

  /** Not done before the first request, for until then the master has nothing to send. */
  function listen(): void {
    if (isListening) return;
    isListening = true;
    channel.listen(receive);
    channel.onClosed(() => settle(null));
  }

  function send(request: RoomRequest): Promise<RoomReply | null> {
    if (!channel.isOpen) return Promise.resolve(null);
    return new Promise((resolve) => {
      onReply = resolve;
      channel.send({ type: "request", ...request });
      readIfRoom();
    });
  }

  return {
    /** Returns the reply; null if there is no master any more. */
    request(request: RoomRequest): Promise<RoomReply | null> {
      listen();
      const reply = last.then(() => send(request));
      last = reply;
      return reply;
    },
    answered: () => last,
    onEvent: (callback: (event: RoomEvent) => void) => void (onEvent = callback),
    handled(): void {
      queuedEvents -= 1;
      readIfRoom();
    },
  };
}
