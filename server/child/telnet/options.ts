/**
 * The options of one side of a telnet connection: which are agreed on, and how the client's
 * requests are answered. An answer is never answered itself (RFC 1143). Pure.
 */

/**
 * Requests that are answered in one session. Without a limit two telnets that disagree about the
 * state of an option could negotiate it forever. A refusal is always obeyed, as RFC 854 demands:
 * there are no more of those to answer than options that were agreed on.
 */
const MAX_ANSWERS = 100;

export interface TelnetOptions {
  isOn(option: number): boolean;
  /** Records that this side has asked for an option. */
  request(option: number): void;
  /**
   * The client asks for an option or agrees to it. Returns the verb to answer with; null for none.
   */
  accept(option: number): number | null;
  /** The client refuses an option. Returns the verb to answer with; null for none. */
  refuse(option: number): number | null;
}

/**
 * Agrees to the options in `supported`. `yes` and `no` are this side's verbs: WILL
 * and WONT, or DO and DONT.
 */
export function createTelnetOptions(
  supported: readonly number[],
  yes: number,
  no: number,
): TelnetOptions {
  const states = new Map<number, "requested" | "on">();
  let answers = 0;

  return {
    isOn: (option) => states.get(option) === "on",
    request: (option) => void states.set(option, "requested"),
    accept(option) {
      const state = states.get(option);
      if (state === undefined) {
        if (answers === MAX_ANSWERS) return null;
        answers += 1;
        if (!supported.includes(option)) return no;
      }
      states.set(option, "on");
      return state === undefined ? yes : null;
    },
    refuse(option) {
      const state = states.get(option);
      states.delete(option);
      return state === "on" ? no : null;
    },
  };
}
