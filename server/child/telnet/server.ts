/**
 * The server's side of telnet (RFC 854): takes the client's bytes apart into what was typed and what its
 * telnet says, and puts a program's bytes in such a form that its telnet shows them. Pure: it sends nothing.
 *
 * It asks for what a full-screen program needs: to echo by itself (RFC 857), one character at a time (SGA, RFC
 * 858), the window's size (NAWS, RFC 1073) and the terminal's name (TTYPE, RFC 1091). It lets bytes be bytes
 * where the client wants that (BINARY, RFC 856).
 */
import { createTelnetOptions } from "./options.ts";

const IAC = 0xff;
const DONT = 0xfe;
const DO = 0xfd;
const WONT = 0xfc;
const WILL = 0xfb;
const SB = 0xfa;
const SE = 0xf0;

const BINARY = 0;
const ECHO = 1;
const SGA = 3;
const TIMING_MARK = 6;
const TTYPE = 24;
const NAWS = 31;

const TTYPE_IS = 0;
const TTYPE_SEND = 1;

const CR = 0x0d;
const LF = 0x0a;
const NUL = 0;

const ARE_YOU_THERE = 0xf6;
const YES = Buffer.from("\r\n[yes]\r\n");

/** What telnet's own commands are as keys, which the terminal's line discipline makes signals of. */
const KEYS: Partial<Record<number, number>> = {
  0xec: 0x04, // EOF: Ctrl-D
  0xed: 0x1a, // SUSP: Ctrl-Z
  0xee: 0x1c, // ABORT: Ctrl-\
  0xf3: 0x03, // BRK: Ctrl-C
  0xf4: 0x03, // IP: Ctrl-C
  0xf7: 0x7f, // EC: delete
  0xf8: 0x15, // EL: Ctrl-U
};

/** What this side does by itself, and what it wants of the client, if the client has it. */
const OURS: readonly number[] = [BINARY, ECHO, SGA];
const THEIRS: readonly number[] = [BINARY, SGA, TTYPE, NAWS];

/**
 * Signs of life that are given to one piece of bytes, each of which is more than what asks for it. Until the client
 * takes them nothing more is read from it.
 */
const MOST_SIGNS = 100;

/** Bytes of a subnegotiation that are kept; nothing sensible is longer. */
const LONGEST_SUB = 256;

/** The most columns and rows that a terminal is given. */
const LARGEST = 1000;

export interface TelnetEvents {
  /** What was typed; the array is the callee's. */
  typed(bytes: Buffer): void;
  /** The client's window has this size; what is null it does not know. */
  resized(columns: number | null, rows: number | null): void;
  /** To be sent to the client. */
  send(bytes: Buffer): void;
}

export interface TelnetServer {
  /** Asks for what is wanted; to be called once, first. */
  begin(): void;
  /** Takes the client's bytes, in any split. */
  receive(bytes: Buffer): void;
  /** Gives a program's bytes as they are to be sent. */
  encode(bytes: Uint8Array): Buffer;
  /** The terminal's name, in lower case; null if the client has not told one that can be a name. */
  readonly terminal: string | null;
  /** True when the client has answered about its terminal and its window: more will not come at once. */
  readonly settled: boolean;
}

export function createTelnetServer(events: TelnetEvents): TelnetServer {
  // Where the next byte stands, as in telnet.ts.
  let at: "text" | "command" | "option" | "sub" | "sub-command" = "text";
  let verb = 0;
  let sub: number[] = [];
  let afterCr = false;
  let typed: number[] = [];
  /** What is to be sent: at once, however much asks for it. */
  let said: number[] = [];
  let signs = 0;
  let terminal: string | null = null;

  const ours = createTelnetOptions(OURS, WILL, WONT);
  const theirs = createTelnetOptions(THEIRS, DO, DONT);
  /** What is still to be told by the client. */
  const awaited = new Set([TTYPE, NAWS]);

  function say(...bytes: number[]): void {
    said.push(...bytes);
  }

  function giveSign(...bytes: number[]): void {
    signs += 1;
    if (signs <= MOST_SIGNS) say(...bytes);
  }

  function take(byte: number): void {
    switch (at) {
      case "text":
        if (byte === IAC) at = "command";
        else takeText(byte);
        break;
      case "command":
        takeCommand(byte);
        break;
      case "option":
        at = "text";
        negotiate(byte);
        break;
      case "sub":
        if (byte === IAC) at = "sub-command";
        else takeSub(byte);
        break;
      case "sub-command":
        at = byte === SE ? "text" : "sub";
        if (byte === SE) endSub();
        else if (byte === IAC) takeSub(IAC);
    }
  }

  /** The return key comes as CR NUL or CR LF, unless bytes are bytes. */
  function takeText(byte: number): void {
    const isSecondHalf = afterCr && (byte === NUL || byte === LF);
    afterCr = byte === CR && !theirs.isOn(BINARY);
    if (!isSecondHalf) typed.push(byte);
  }

  function takeCommand(byte: number): void {
    at = "text";
    if (byte === IAC) return takeText(IAC);
    // A command is none of the text's: what follows is no half of what came before.
    afterCr = false;
    const key = KEYS[byte];
    if (byte === SB) {
      at = "sub";
      sub = [];
    } else if (byte >= WILL && byte <= DONT) {
      at = "option";
      verb = byte;
    } else if (byte === ARE_YOU_THERE) giveSign(...YES);
    else if (key !== undefined) typed.push(key);
  }

  function takeSub(byte: number): void {
    if (sub.length < LONGEST_SUB) sub.push(byte);
  }

  function negotiate(option: number): void {
    switch (verb) {
      case WILL: {
        const wasOn = theirs.isOn(option);
        answer(theirs.offered(option), option);
        if (option === TTYPE && !wasOn && theirs.isOn(TTYPE)) {
          say(IAC, SB, TTYPE, TTYPE_SEND, IAC, SE);
        }
        break;
      }
      case WONT:
        awaited.delete(option);
        answer(theirs.refused(option), option);
        break;
      case DO:
        if (option === TIMING_MARK)
          giveSign(IAC, WILL, TIMING_MARK); // RFC 860: each time
        else answer(ours.offered(option), option);
        break;
      default:
        answer(ours.refused(option), option);
    }
  }

  function answer(word: number | null, option: number): void {
    if (word !== null) say(IAC, word, option);
  }

  function endSub(): void {
    const [option, ...told] = sub;
    if (option === NAWS && told.length === 4) {
      const [c1 = 0, c2 = 0, r1 = 0, r2 = 0] = told;
      awaited.delete(NAWS);
      const [columns, rows] = [256 * c1 + c2, 256 * r1 + r2];
      giveTyped();
      events.resized(sizeOf(columns), sizeOf(rows));
    } else if (option === TTYPE && told[0] === TTYPE_IS) {
      const name = Buffer.from(told.slice(1)).toString("latin1").toLowerCase();
      if (/^[a-z0-9][a-z0-9+._-]{0,39}$/.test(name)) terminal = name;
      awaited.delete(TTYPE);
    }
  }

  function giveSaid(): void {
    signs = 0;
    if (said.length === 0) return;
    const bytes = Buffer.from(said);
    said = [];
    events.send(bytes);
  }

  function giveTyped(): void {
    if (typed.length === 0) return;
    const bytes = Buffer.from(typed);
    typed = [];
    events.typed(bytes);
  }

  return {
    begin() {
      for (const option of [ECHO, SGA]) {
        ours.asked(option);
        say(IAC, WILL, option);
      }
      for (const option of [SGA, TTYPE, NAWS]) {
        theirs.asked(option);
        say(IAC, DO, option);
      }
      giveSaid();
    },
    receive(bytes) {
      for (const byte of bytes) take(byte);
      giveSaid();
      giveTyped();
    },
    encode(bytes) {
      const isBinary = ours.isOn(BINARY);
      const encoded: number[] = [];
      bytes.forEach((byte, i) => {
        encoded.push(byte);
        if (byte === IAC) encoded.push(IAC);
        // A CR that is not half of a line's end: where that comes in two pieces, this means the same.
        else if (byte === CR && bytes[i + 1] !== LF && !isBinary) encoded.push(NUL);
      });
      return Buffer.from(encoded);
    },
    get terminal() {
      return terminal;
    },
    get settled() {
      return awaited.size === 0;
    },
  };
}

/** RFC 1073: each of the two may be zero, which says nothing of it. */
function sizeOf(told: number): number | null {
  return told === 0 ? null : Math.min(told, LARGEST);
}
