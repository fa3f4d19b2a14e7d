/** What a polite client sends, and what it must receive. */
import type { Random } from "./random.ts";

/** One reply: the local time, or this text. */
type Reply = { time: true } | { text: string };

export interface Script {
  /** Pieces to send, one after the other. */
  pieces: readonly string[];
  /** The reply to all of it. */
  replies: readonly Reply[];
  /** The total of bytes received after each reply, and at the end. */
  lengths: readonly number[];
  length: number;
  /** It ends with `quit`; otherwise the client must half-close. */
  quits: boolean;
}

/** Line endings as sent, and as echoed. */
const ENDINGS = [
  ["\n", "\n"],
  ["\r\n", "\r\n"],
  ["\r\0", "\r\n"],
  ["", ""],
] as const;

const TIME_FORM = "0000/00/00 00:00:00";

/** Replies have whole seconds. */
const SECOND_MS = 1000;

/** Requests the time `times` times, and quits or not; cut anywhere, or before each request. */
export function writeScript(
  random: Random,
  { times, quits, cuts }: { times: number; quits: boolean; cuts: "anywhere" | "each" | "none" },
): Script {
  const requests = Array.from({ length: times }, () => withEnding(random, "time"));
  // After a bare `quit` the service waits: its line ending might follow.
  if (quits) requests.push(withEnding(random, "quit", random.percent(5) ? 4 : 3));
  const replies = requests.flatMap(({ word, reply }): Reply[] => [
    word === "time" ? { time: true } : { text: word },
    { text: reply },
  ]);
  let length = 0;
  const lengths = requests.map(({ word, reply }) => {
    length += (word === "time" ? TIME_FORM : word).length + reply.length;
    return length;
  });
  const words = requests.map(({ word, ending }) => word + ending);
  return {
    pieces: cuts === "each" ? words : cut(random, words.join(""), cuts === "none" ? 0 : 8),
    replies,
    lengths,
    length,
    quits,
  };
}

function withEnding(random: Random, word: "time" | "quit", endings: 3 | 4 = 4) {
  const [ending, reply] = ENDINGS[random.below(endings)] ?? ENDINGS[0];
  return { word, ending, reply };
}

/**
 * Cuts a text at random, but not within its last three bytes: the service waits only
 * briefly for the end of `quit`.
 */
function cut(random: Random, text: string, most: number): string[] {
  const places = Array.from({ length: random.between(0, most) }, () =>
    random.between(1, Math.max(text.length - 3, 1)),
  );
  const starts = [0, ...new Set(places.toSorted((a, b) => a - b))];
  return starts.map((start, index) => text.slice(start, starts[index + 1]));
}

/**
 * Compares what was received with the replies. Returns how many complete times it contains, and
 * what is wrong or null. To be incomplete is not wrong.
 */
export function compare(
  received: string,
  replies: readonly Reply[],
  since: number,
): { times: number; wrong: string | null } {
  let times = 0;
  let at = 0;
  for (const reply of replies) {
    const came = received.slice(at, at + lengthOf(reply));
    if (!isBeginning(came, reply, since)) return { times, wrong: `${quote(came)} at byte ${at}` };
    if ("time" in reply && came.length === TIME_FORM.length) times += 1;
    at += lengthOf(reply);
  }
  const more = received.slice(at);
  return { times, wrong: more === "" ? null : `${quote(more)} more than was requested` };
}

function isBeginning(came: string, reply: Reply, since: number): boolean {
  if ("text" in reply) return reply.text.startsWith(came);
  if (came.length < TIME_FORM.length) return TIME_FORM.startsWith(came.replaceAll(/\d/g, "0"));
  if (came.replaceAll(/\d/g, "0") !== TIME_FORM) return false;
  const told = Date.parse(came.replaceAll("/", "-").replace(" ", "T"));
  return told > since - SECOND_MS && told <= Date.now();
}

function lengthOf(reply: Reply): number {
  return "text" in reply ? reply.text.length : TIME_FORM.length;
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
