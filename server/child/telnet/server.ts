/**
 * The server's side of telnet (RFC 854) for a program in a terminal: turns the client's bytes into
 * keys and answers, and a program's output into bytes that the client's telnet shows unchanged.
 * Pure: it sends nothing itself.
 */
import { ARE_YOU_THERE, DO, IAC, TIMING_MARK, WILL } from "./codes.ts";
import { createTelnetKeys } from "./keys.ts";
import { createTelnetNegotiation } from "./negotiation.ts";
import { createTelnetParser } from "./parser.ts";

const CR = 0x0d;
const LF = 0x0a;
const NUL = 0;

const YES = Buffer.from("\r\n[yes]\r\n");

/**
 * Signs of life that are sent for one piece of bytes; each is longer than the request for it.
 * Nothing more is read from the client until it has taken them.
 */
const MAX_SIGNS_OF_LIFE = 100;

export interface TelnetServerEvents {
  /** Takes what was typed; the array is the callee's. */
  typed(bytes: Buffer): void;
  /** Takes the size of the client's window; null for what the client does not know. */
  resized(columns: number | null, rows: number | null): void;
  /** Takes bytes to be sent to the client. */
  send(bytes: Buffer): void;
}

export interface TelnetServer {
  /** Asks for what a full-screen program needs; to be called once, first. */
  begin(): void;
  /** Takes the client's bytes, in any split. */
  receive(bytes: Buffer): void;
  /** Returns a program's output as it is to be sent. */
  encode(output: Uint8Array): Buffer;
  /** In lower case; null if the client has sent no valid name. */
  readonly terminalName: string | null;
  /** True when the client has answered about both its terminal and its window. */
  readonly isNegotiated: boolean;
}

export function createTelnetServer(events: TelnetServerEvents): TelnetServer {
  const replies = createReplies(events.send);
  const keys = createTelnetKeys();
  const negotiation = createTelnetNegotiation(replies.add, (columns, rows) => {
    flushKeys(); // they were typed before the window changed
    events.resized(columns, rows);
  });
  const parse = createTelnetParser({
    data: (bytes) => keys.data(bytes, negotiation.isBinaryIn),
    command(code) {
      keys.command(code);
      if (code === ARE_YOU_THERE) replies.addSignOfLife(...YES);
    },
    option(verb, option) {
      keys.command();
      const isTimingMark = verb === DO && option === TIMING_MARK; // answered each time (RFC 860)
      if (isTimingMark) replies.addSignOfLife(IAC, WILL, TIMING_MARK);
      else negotiation.option(verb, option);
    },
    subnegotiation(bytes) {
      keys.command();
      negotiation.subnegotiation(bytes);
    },
  });

  function flushKeys(): void {
    const typed = keys.take();
    if (typed.length > 0) events.typed(typed);
  }

  return {
    begin() {
      negotiation.begin();
      replies.flush();
    },
    receive(bytes) {
      parse(bytes);
      replies.flush();
      flushKeys();
    },
    encode: (output) => encode(output, negotiation.isBinaryOut),
    get terminalName() {
      return negotiation.terminalName;
    },
    get isNegotiated() {
      return negotiation.isComplete;
    },
  };
}

/** Collects what answers one piece of bytes, to be sent in one piece as well. */
function createReplies(send: (bytes: Buffer) => void) {
  let replies: number[] = [];
  let signsOfLife = 0;

  function add(...bytes: number[]): void {
    replies.push(...bytes);
  }

  return {
    add,
    addSignOfLife(...bytes: number[]): void {
      signsOfLife += 1;
      if (signsOfLife <= MAX_SIGNS_OF_LIFE) add(...bytes);
    },
    flush(): void {
      signsOfLife = 0;
      if (replies.length === 0) return;
      const bytes = Buffer.from(replies);
      replies = [];
      send(bytes);
    },
  };
}

function encode(output: Uint8Array, isBinary: boolean): Buffer {
  const encoded: number[] = [];
  output.forEach((byte, i) => {
    encoded.push(byte);
    if (byte === IAC) encoded.push(IAC);
    // A CR that no LF follows. If the LF is in the next piece the NUL between the two does no harm.
    else if (byte === CR && output[i + 1] !== LF && !isBinary) encoded.push(NUL);
  });
  return Buffer.from(encoded);
}
