/** Finds the requests in what a client of the time service sends, one character at a time. Pure. */
import { MAX_LINE_BYTES } from "../../channel/lines.ts";
import { MAX_REQUEST_CHARS } from "../../channel/messages.ts";

type Command = "time" | "quit";

export interface RequestEvents {
  /**
   * A command is complete. `isWhole`: one read brought all of it; `isJoined`: it
   * follows another directly.
   */
  command(command: Command, isWhole: boolean, isJoined: boolean): void;
  /** A request that is no command; `text` has its first `MAX_REQUEST_CHARS` characters. */
  invalid(text: string): void;
  /** A line has become longer than `MAX_LINE_BYTES`. Called once for each such line. */
  tooLong(text: string): void;
  /** A line with a command has ended. */
  answeredLine(ending: string): void;
  /** A request follows a command after a silence, without a line ending between them. */
  bareRequest(): void;
}

export interface RequestParser {
  /** What is taken from here on came in another read. */
  startRead(): void;
  /** Takes a character that is not part of a line ending. */
  text(char: string): void;
  endLine(ending: string): void;
  /** The client sends nothing more. */
  end(): void;
  /** True if a silence would complete a request. */
  isBare(): boolean;
  silence(): void;
}

/** A program's bare request has at least this many bytes; fewer are a person's keys. */
const MIN_BARE_BYTES = 4;

/**
 * Where the next character stands.
 *
 *     word      at the start of a line, or in a command that is not complete
 *     answered  the same, after a command of this line
 *     silent    the same, after a silence: only a line ending still belongs to this line
 *     tail      after a command, in the rest of its line
 *     invalid   in a line that is no command
 *     excess    in a line that is too long
 */
type State = "word" | "answered" | "silent" | "tail" | "invalid" | "excess";

export function createRequestParser(events: RequestEvents): RequestParser {
  let state: State = "word";
  let word = ""; // the part of a command that came
  let invalidText = "";

  let reads = 0;
  /** The text since the last command or line ending. `isWhole`: one read brought all of it. */
  const run = { length: 0, isWhole: true, begunInRead: 0 };

  function startLine(): void {
    state = "word";
    word = "";
    invalidText = "";
    run.length = 0;
  }

  function takeWord(char: string): void {
    const begun = word + char;
    if (begun === "time" || begun === "quit") {
      events.command(begun, run.isWhole, state === "answered");
      state = "answered";
      word = "";
      run.length = 0;
    } else if ("time".startsWith(begun) || "quit".startsWith(begun)) {
      word = begun;
    } else {
      word = "";
      if (state === "word") invalidText = begun;
      state = state === "word" ? "invalid" : "tail";
    }
  }

  function isInvalid(): boolean {
    return state === "invalid" || (state === "word" && word !== "");
  }

  function endLine(ending: string): void {
    if (isInvalid()) events.invalid(invalidText || word);
    else if (state !== "word" && state !== "excess") events.answeredLine(ending);
    startLine();
  }

  function isBare(): boolean {
    if (state === "answered") return word === "" && run.isWhole;
    if (state !== "tail" && state !== "invalid") return false;
    return run.isWhole && run.length >= MIN_BARE_BYTES;
  }

  return {
    startRead: () => void (reads += 1),
    text(char) {
      if (state === "silent") {
        events.bareRequest();
        startLine();
      }
      if (run.length === 0) run.begunInRead = reads;
      run.isWhole = run.begunInRead === reads;
      run.length += 1;
      if (state === "word" || state === "answered") takeWord(char);
      else if (state === "invalid" && invalidText.length < MAX_REQUEST_CHARS) invalidText += char;
      if (run.length <= MAX_LINE_BYTES || state === "excess") return;
      events.tooLong(invalidText);
      state = "excess";
    },
    endLine,
    end() {
      if (isInvalid()) endLine("");
    },
    isBare,
    silence() {
      if (!isBare()) return;
      if (state === "invalid") events.invalid(invalidText);
      if (state === "answered") state = "silent";
      else startLine();
    },
  };
}
