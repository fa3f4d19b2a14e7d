/**
 * Takes telnet's own bytes out of what a client sent (RFC 854). A service that negotiates nothing
 * leaves every option as it is, so it answers no request but one: telnet asks for a timing mark
 * after an interrupt and shows nothing more until it is answered (RFC 860).
 */

const IAC = 0xff;
const DONT = 0xfe;
const DO = 0xfd;
const WILL = 0xfb;
const SB = 0xfa;
const SE = 0xf0;
const TIMING_MARK = 6;

/** `IAC WONT TIMING-MARK`, as a latin1 string. */
export const WONT_TIMING_MARK = "\xff\xfc\x06";

export interface TelnetDecoder {
  /**
   * Takes bytes as they came, in any split. Calls `onData` with the client's text as latin1 and
   * `onTimingMark` for each timing mark asked for, in the order in which they stood.
   */
  decode(bytes: Buffer, onData: (data: string) => void, onTimingMark: () => void): void;
}

export function createTelnetDecoder(): TelnetDecoder {
  // Where the next byte stands: in text, after IAC, after IAC WILL/WONT/DO/DONT,
  // in a subnegotiation, after IAC in a subnegotiation.
  let at: "text" | "command" | "option" | "sub" | "sub-command" = "text";
  let verb = 0;

  return {
    decode(bytes, onData, onTimingMark) {
      let start = 0; // where the text not yet given out begins
      for (let i = 0; i < bytes.length; i += 1) {
        if (at === "text") {
          const iac = bytes.indexOf(IAC, i);
          if (iac === -1) break;
          if (iac > start) onData(bytes.toString("latin1", start, iac));
          i = iac;
          at = "command";
          continue;
        }
        const byte = bytes[i] as number;
        if (at === "command") {
          at = byte === SB ? "sub" : byte >= WILL && byte <= DONT ? "option" : "text";
          verb = byte;
          start = byte === IAC ? i : i + 1; // IAC IAC is the data byte 255
        } else if (at === "option") {
          if (verb === DO && byte === TIMING_MARK) onTimingMark();
          at = "text";
          start = i + 1;
        } else if (at === "sub") {
          if (byte === IAC) at = "sub-command";
        } else {
          at = byte === SE ? "text" : "sub";
          start = i + 1;
        }
      }
      if (at === "text" && start < bytes.length) onData(bytes.toString("latin1", start));
    },
  };
}
