/**
 * A child's side of the rooms: sends its service's requests to the master, one at a time, and receives what other
 * members send. The master passes on a limited number of unacknowledged messages (mailbox.ts), so none pile up here.
 */
import {
  type RoomReply,
  type RoomRequest,
  MAX_UNACKNOWLEDGED,
  isName,
  type Marked,
  type MasterMessage,
  MAX_NAME_CHARS,
  type Member,
} from "../channel/messages.ts";
import { sendToMaster } from "../channel/send.ts";

/** What happens in the room. */
export type RoomEvent = Marked<Exclude<MasterMessage, { type: "reply" }>>;

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
  /** The service has been given an event, in the order in which they came: the master may send more. */
  acknowledge(event: RoomEvent): void;
}

/**
 * Requests in one window of time. The master ends a child that sends it more than 500 messages in a second, and
 * the members of a room can keep up with a burst of this size.
 */
const MAX_REQUESTS_PER_WINDOW = 50;
const WINDOW_MS = 250;

export function createTalk(): Talk {
  const { request, answered, onMessage } = createRoomRequests();
  let unacknowledged = 0;

  // If the master has died, the client carries on alone. Requests that the master would reject are not sent.
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
    onEvent: onMessage,
    acknowledge({ mark }) {
      unacknowledged += 1;
      if (unacknowledged < MAX_UNACKNOWLEDGED) return;
      sendToMaster({ type: "acknowledged", mark });
      unacknowledged = 0;
    },
  };
}

/** Sends requests to the master one after the other, each when the one before has been answered. */
function createRoomRequests() {
  const unanswered: ((reply: RoomReply | null) => void)[] = [];
  const waitForTurn = createPace();
  let last: Promise<unknown> = Promise.resolve();
  let isListening = false;
  let lastMark: number | null = null;
  let onMessage: (event: RoomEvent) => void = () => {};

  /** Not done before the first request, for until then the master has nothing to send. */
  function listen(): void {
    if (isListening) return;
    isListening = true;
    process.on("message", (message: Marked<MasterMessage>) => {
      if (message.type !== "reply") return onMessage(message);
      lastMark = message.mark;
      unanswered.shift()?.(message.value);
    });
    process.once("disconnect", () => unanswered.splice(0).forEach((settle) => settle(null)));
  }

  async function send(request: RoomRequest): Promise<RoomReply | null> {
    await waitForTurn();
    if (!process.connected) return null;
    return new Promise((resolve) => {
      unanswered.push(resolve);
      sendToMaster({ type: "request", after: lastMark, ...request });
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
    onMessage: (callback: (event: RoomEvent) => void) => void (onMessage = callback),
  };
}

/** Returns a function that settles when one more request may be sent. */
function createPace(): () => Promise<void> {
  let windowStartMs = 0;
  let requests = 0;

  return async function waitForTurn(): Promise<void> {
    const remainingMs = windowStartMs + WINDOW_MS - performance.now();
    if (remainingMs <= 0) {
      windowStartMs = performance.now();
      requests = 0;
    } else if (requests >= MAX_REQUESTS_PER_WINDOW) {
      await Bun.sleep(remainingMs);
      return waitForTurn();
    }
    requests += 1;
  };
}
