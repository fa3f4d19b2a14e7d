/**
 * A child's side of talking with others: asks the master, one thing at a time, and hears what others say.
 * The master passes on only so much that was not dealt with (mailbox.ts), so nothing piles up here.
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
import { sendToMaster } from "../channel/report.ts";

/** What comes of others, and has to be dealt with. */
export type RoomEvent = Marked<Exclude<MasterMessage, { type: "answer" }>>;

export interface Talk {
  enter(room: string, name: string): Promise<boolean>;
  /** Nobody is in a room that has no name. */
  who(room: string): Promise<Member[]>;
  broadcast(json: string): Promise<number>;
  send(to: string, json: string): Promise<boolean>;
  /** What was heard has been dealt with, in the order in which it came: there is room for more. */
  dealtWith(heard: RoomEvent): void;
  /** Settles when everything has been answered that was asked until now. */
  answered(): Promise<unknown>;
}

/**
 * Questions in a window (ms). The master ends a child that sends it more than 500 messages in a second; and others
 * who listen keep up with a burst of so many.
 */
const MOST_ASKS = 50;
const WINDOW = 250;

/** Begins to listen with the first question: before that the master has nothing to say. */
export function createTalk(onHeard: (heard: RoomEvent) => void): Talk {
  const asked: ((answer: RoomReply | null) => void)[] = [];
  let last: Promise<unknown> = Promise.resolve();
  let listening = false;
  let windowAt = 0;
  let askedInIt = 0;
  let untold = 0;
  let lastAnswer: number | null = null;

  function listen(): void {
    if (listening) return;
    listening = true;
    process.on("message", (message: Marked<MasterMessage>) => {
      if (message.type !== "answer") return onHeard(message);
      lastAnswer = message.mark;
      asked.shift()?.(message.value);
    });
    process.once("disconnect", () => asked.splice(0).forEach((settle) => settle(null)));
  }

  /** The answer; null if there is no master any more. */
  function ask(what: RoomRequest): Promise<RoomReply | null> {
    listen();
    const answer = last.then(() => askNow(what));
    last = answer;
    return answer;
  }

  async function askNow(what: RoomRequest): Promise<RoomReply | null> {
    await turn();
    if (!process.connected) return null;
    return new Promise((resolve) => {
      asked.push(resolve);
      sendToMaster({ type: "ask", after: lastAnswer, ...what });
    });
  }

  /** Settles when one more may be asked. */
  async function turn(): Promise<void> {
    const left = windowAt + WINDOW - performance.now();
    if (left <= 0) {
      windowAt = performance.now();
      askedInIt = 0;
    } else if (askedInIt >= MOST_ASKS) {
      await Bun.sleep(left);
      return turn();
    }
    askedInIt += 1;
  }

  // Where the master has died the client is alone, and goes on. What it takes for nonsense it is not asked.
  return {
    enter: async (room, name) => ((await ask({ what: "enter", room, name })) ?? true) as boolean,
    async who(room) {
      if (!isName(room)) return [];
      return ((await ask({ what: "who", room })) ?? []) as Member[];
    },
    broadcast: async (json) => ((await ask({ what: "broadcast", json })) ?? 0) as number,
    async send(to, json) {
      if (to.length > MAX_NAME_CHARS) return false;
      return ((await ask({ what: "send", to, json })) ?? false) as boolean;
    },
    dealtWith({ mark }) {
      untold += 1;
      if (untold < MAX_UNACKNOWLEDGED) return;
      sendToMaster({ type: "heard", mark });
      untold = 0;
    },
    answered: () => last,
  };
}
