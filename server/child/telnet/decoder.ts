/**
 * Telnet for a service of text. It negotiates nothing, so it leaves every option as it is and
 * answers no request but one: telnet asks for a timing mark after an interrupt and shows nothing
 * more until it is answered (RFC 860).
 */
import { DO, TIMING_MARK } from "./codes.ts";
import { createTelnetParser } from "./parser.ts";

/** `IAC WONT TIMING-MARK`, as a latin1 string. */
export const WONT_TIMING_MARK = "\xff\xfc\x06";

/**
 * Returns a function that takes a client's bytes, in any split. It calls `onText` with the
 * client's text, one character per byte, and `onTimingMark` for each timing mark asked for, in the
 * order in which they came.
 */
export function createTelnetDecoder(
  onText: (latin1: string) => void,
  onTimingMark: () => void,
): (bytes: Buffer) => void {
  return createTelnetParser({
    data: (bytes) => onText(bytes.toString("latin1")),
    option(verb, option) {
      if (verb === DO && option === TIMING_MARK) onTimingMark();
    },
  });
}
