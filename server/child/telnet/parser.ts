/** Separates what a client typed from the commands of its telnet (RFC 854). */
import { DONT, IAC, SB, SE, WILL } from "./codes.ts";

export interface TelnetParserEvents {
  /**
   * Takes data, which may be a view of the bytes that were parsed: copy
   * what has to outlive the call.
   */
  data(bytes: Buffer): void;
  /** Takes a command of two bytes, such as `IAC AYT`. */
  command?(code: number): void;
  /** Takes WILL, WONT, DO or DONT, and the option that it is about. */
  option?(verb: number, option: number): void;
  /** Takes what stands between `IAC SB` and `IAC SE`, or its first `MAX_SUBNEGOTIATION_BYTES`. */
  subnegotiation?(bytes: readonly number[]): void;
}

/** No known subnegotiation is longer. */
const MAX_SUBNEGOTIATION_BYTES = 256;

/**
 * What the next byte is part of. `command`: an IAC came before it. `option`: WILL, WONT, DO or DONT
 * did. `subnegotiation command`: an IAC within a subnegotiation did.
 */
type State = "data" | "command" | "option" | "subnegotiation" | "subnegotiation command";

/**
 * Returns a function that takes a client's bytes, in any split, and calls `events` in their order.
 */
export function createTelnetParser(events: TelnetParserEvents): (bytes: Buffer) => void {
  let state: State = "data";
  let verb = 0;
  let subnegotiation: number[] = [];

  function addToSubnegotiation(byte: number): void {
    if (subnegotiation.length < MAX_SUBNEGOTIATION_BYTES) subnegotiation.push(byte);
  }

  /** Reads one byte that is part of a command; returns the next state. */
  function next(byte: number): State {
    switch (state) {
      case "data":
      case "command":
        if (byte === SB) {
          subnegotiation = [];
          return "subnegotiation";
        }
        verb = byte;
        if (byte >= WILL && byte <= DONT) return "option";
        if (byte !== IAC) events.command?.(byte);
        return "data";
      case "option":
        events.option?.(verb, byte);
        return "data";
      case "subnegotiation":
        if (byte === IAC) return "subnegotiation command";
        addToSubnegotiation(byte);
        return "subnegotiation";
      case "subnegotiation command":
        if (byte === IAC) addToSubnegotiation(IAC);
        if (byte !== SE) return "subnegotiation";
        events.subnegotiation?.(subnegotiation);
        return "data";
    }
  }

  return (bytes) => {
    let start = 0; // of the data that was not passed on yet
    for (let i = 0; i < bytes.length; i += 1) {
      if (state === "data") {
        const iac = bytes.indexOf(IAC, i);
        if (iac === -1) break;
        if (iac > start) events.data(bytes.subarray(start, iac));
        i = iac;
        state = "command";
      } else {
        const byte = bytes[i] as number;
        const isEscapedIac = state === "command" && byte === IAC;
        state = next(byte);
        start = isEscapedIac ? i : i + 1; // IAC IAC is the data byte 255
      }
    }
    if (state !== "data" || start === bytes.length) return;
    events.data(start === 0 ? bytes : bytes.subarray(start));
  };
}
