/**
 * What the server and a client's telnet agree on. It asks for what a full-screen program needs: to
 * do the echo itself (RFC 857), one character at a time (RFC 858), the window's size (RFC 1073)
 * and the terminal's name (RFC 1091). It sends and takes bytes unchanged where the client wants
 * that (BINARY, RFC 856). Pure.
 */
import {
  BINARY,
  DO,
  DONT,
  ECHO,
  IAC,
  SB,
  SE,
  SUPPRESS_GO_AHEAD,
  TERMINAL_TYPE,
  WILL,
  WINDOW_SIZE,
  WONT,
} from "./codes.ts";
import { createTelnetOptions } from "./options.ts";

/** What this side does if asked, and what it accepts from the client. */
const OUR_OPTIONS: readonly number[] = [BINARY, ECHO, SUPPRESS_GO_AHEAD];
const THEIR_OPTIONS: readonly number[] = [BINARY, SUPPRESS_GO_AHEAD, TERMINAL_TYPE, WINDOW_SIZE];

/**
 * Begin the subnegotiation of the terminal's name: the client's name follows, or a request for it.
 */
const TERMINAL_TYPE_IS = 0;
const TERMINAL_TYPE_SEND = 1;

const TERMINAL_NAME = /^[a-z0-9][a-z0-9+._-]{0,39}$/;

/** Columns or rows of the largest window that a program is given. */
const MAX_WINDOW_SIZE = 1000;

export interface TelnetNegotiation {
  /** Asks for what is needed; to be called once, first. */
  begin(): void;
  option(verb: number, option: number): void;
  subnegotiation(bytes: readonly number[]): void;
  /** True if bytes are sent unchanged in this direction. */
  readonly isBinaryOut: boolean;
  readonly isBinaryIn: boolean;
  /** In lower case; null if the client has sent no valid name. */
  readonly terminalName: string | null;
  /** True when the client has answered about both its terminal and its window. */
  readonly isComplete: boolean;
}

/**
 * `send` takes bytes for the client; `onResize` the window's size, null for what
 * the client does not know.
 */
export function createTelnetNegotiation(
  send: (...bytes: number[]) => void,
  onResize: (columns: number | null, rows: number | null) => void,
): TelnetNegotiation {
  const ours = createTelnetOptions(OUR_OPTIONS, WILL, WONT);
  const theirs = createTelnetOptions(THEIR_OPTIONS, DO, DONT);
  const unanswered = new Set([TERMINAL_TYPE, WINDOW_SIZE]);
  let terminalName: string | null = null;

  function answer(verb: number | null, option: number): void {
    if (verb !== null) send(IAC, verb, option);
  }

  function acceptTheirs(option: number): void {
    const wasOn = theirs.isOn(option);
    answer(theirs.accept(option), option);
    if (option === TERMINAL_TYPE && !wasOn && theirs.isOn(TERMINAL_TYPE)) {
      send(IAC, SB, TERMINAL_TYPE, TERMINAL_TYPE_SEND, IAC, SE);
    }
  }

  return {
    begin() {
      for (const option of [ECHO, SUPPRESS_GO_AHEAD]) {
        ours.request(option);
        send(IAC, WILL, option);
      }
      for (const option of [SUPPRESS_GO_AHEAD, TERMINAL_TYPE, WINDOW_SIZE]) {
        theirs.request(option);
        send(IAC, DO, option);
      }
    },
    option(verb, option) {
      if (verb === WILL) return acceptTheirs(option);
      if (verb === DO) return answer(ours.accept(option), option);
      if (verb === DONT) return answer(ours.refuse(option), option);
      unanswered.delete(option);
      answer(theirs.refuse(option), option);
    },
    subnegotiation([option, ...value]) {
      if (option === WINDOW_SIZE && value.length === 4) {
        const [c1 = 0, c2 = 0, r1 = 0, r2 = 0] = value;
        unanswered.delete(WINDOW_SIZE);
        onResize(sizeOf(256 * c1 + c2), sizeOf(256 * r1 + r2));
      } else if (option === TERMINAL_TYPE && value[0] === TERMINAL_TYPE_IS) {
        const name = Buffer.from(value.slice(1)).toString("latin1").toLowerCase();
        if (TERMINAL_NAME.test(name)) terminalName = name;
        unanswered.delete(TERMINAL_TYPE);
      }
    },
    get isBinaryOut() {
      return ours.isOn(BINARY);
    },
    get isBinaryIn() {
      return theirs.isOn(BINARY);
    },
    get terminalName() {
      return terminalName;
    },
    get isComplete() {
      return unanswered.size === 0;
    },
  };
}

/** RFC 1073: either of the two may be zero, which means that the client does not know it. */
function sizeOf(sent: number): number | null {
  return sent === 0 ? null : Math.min(sent, MAX_WINDOW_SIZE);
}
