/**
 * The options of one side of a telnet connection: what was asked for, what is agreed on, and with which word a client
 * is answered. An answer is not answered (RFC 1143). Pure.
 */

/**
 * Wishes for an option that are answered in one session; who has more has lost its way. Without that, two telnets
 * that have come to think differently of an option could talk of it for ever. A refusal is always heeded, as RFC 854
 * wants it: there are no more of those to answer than options that were agreed on.
 */
const MOST_ANSWERS = 100;

export interface TelnetOptions {
  isOn(option: number): boolean;
  /** This side asks for an option. */
  asked(option: number): void;
  /** The client wants it, or agrees; gives the word to answer with, null for none. */
  offered(option: number): number | null;
  /** The client does not want it; likewise. */
  refused(option: number): number | null;
}

/** `wanted` are agreed to; `yes` and `no` are this side's words: WILL and WONT, or DO and DONT. */
export function createTelnetOptions(
  wanted: readonly number[],
  yes: number,
  no: number,
): TelnetOptions {
  /** `asked` until it is answered. */
  const states = new Map<number, "asked" | "on">();
  let answers = 0;

  return {
    isOn: (option) => states.get(option) === "on",
    asked: (option) => void states.set(option, "asked"),
    offered(option) {
      const state = states.get(option);
      if (state === undefined) {
        if (answers === MOST_ANSWERS) return null;
        answers += 1;
        if (!wanted.includes(option)) return no;
      }
      states.set(option, "on");
      return state === undefined ? yes : null;
    },
    refused(option) {
      const state = states.get(option);
      states.delete(option);
      return state === "on" ? no : null;
    },
  };
}
