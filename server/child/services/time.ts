/**
 * The tutorial's protocol, as a pure function of the bytes that came: `time` is answered with the
 * local time, `quit` with `quit` and the end, anything else with nothing.
 *
 * A request may be bare, as the tutorial's client sends it, or end a line, as telnet's do, and its
 * reply is framed likewise. TCP keeps no boundaries, so nobody can know whether a bare `time` is
 * still to be followed by its line ending. Hence the one trick here: the reply goes out as soon as
 * the word is whole, and the line ending is sent after it when, and only when, it comes in. So any
 * split of the same bytes is answered with the same bytes.
 *
 * Words may stand joined (`timequit`). Whatever else follows a word or begins a line belongs to
 * that line and is read over up to its end. Only what came at once, as a program sends it bare, ends
 * with a silence (`quiet`): in what is typed a pause means nothing.
 */
import { MAX_REQUEST_CHARS } from "../../channel/messages.ts";
import type { TextService } from "./over-telnet.ts";
import type { RequestReport } from "../../../shared/log.ts";

/** Bytes that a line may have: what the tutorial's server read at once. */
export const MAX_LINE_BYTES = 4096;

/** A program's bare request has this many bytes at least; fewer are somebody's keys. */
const SHORTEST_BARE = 4;

const LF = "\n";
const CR = "\r";
const NUL = "\0";

/** Begins the service for one client; `localTime` gives the time to tell. */
export function timeService(
  onRequest: (request: RequestReport) => void,
  localTime: () => string,
): TextService {
  // word: at a place where a command may stand, with the part of it that came.
  // tail: after a command, up to the end of its line. junk: in a line that is no command.
  // excess: in a line over the limit, already answered.
  let at: "word" | "tail" | "junk" | "excess" = "word";
  let word = "";
  let answered = false; // a command of this line was answered: the line's ending is sent back
  let settled = false; // a silence followed: what comes now, but for a line ending, is a new request
  let junk = "";
  let cr = false; // a CR came: the next byte tells which ending it is
  let quitting: TextService["quitting"] = "no";

  // The text since the last command or line ending: its bytes, and whether one read brought it all.
  let length = 0;
  let whole = true;
  let begunIn = 0;
  let read = 0;

  // What is known of how this client sends, to judge whether a line ending is still on its way.
  let sendsLines = false;
  let sendsBare = false;
  let types = false;

  let reply = "";

  function receive(data: string): string {
    reply = "";
    read += 1;
    for (let i = 0; i < data.length && quitting !== "done"; i += 1) take(data.charAt(i));
    return reply;
  }

  function take(char: string): void {
    if (cr) {
      cr = false;
      // Telnet sends the end of a line as CR LF, and a bare return as CR NUL (RFC 854).
      if (char === LF || char === NUL) return endLine(CR + LF);
      endLine(CR);
      if (quitting === "done") return;
    }
    if (char === CR) cr = true;
    else if (char === LF) endLine(LF);
    else if (quitting === "ending") quitting = "done";
    else takeText(char);
  }

  function takeText(char: string): void {
    if (settled) {
      sendsBare = true;
      startLine();
    }
    if (length === 0) begunIn = read;
    whole = begunIn === read;
    length += 1;
    if (at === "word") takeWord(char);
    else if (at === "junk" && junk.length < MAX_REQUEST_CHARS) junk += char;
    if (length > MAX_LINE_BYTES && at !== "excess") refuseLine();
  }

  function takeWord(char: string): void {
    const begun = word + char;
    if (begun === "time" || begun === "quit") return answer(begun);
    const mayBecomeCommand = "time".startsWith(begun) || "quit".startsWith(begun);
    word = mayBecomeCommand ? begun : "";
    if (mayBecomeCommand) return;
    at = answered ? "tail" : "junk";
    if (at === "junk") junk = begun;
  }

  function answer(command: "time" | "quit"): void {
    if (answered) sendsBare = true;
    types ||= !whole;
    answered = true;
    word = "";
    length = 0;
    onRequest({ kind: command, text: command });
    reply += command === "time" ? localTime() : "quit";
    if (command === "quit") quitting = "ending";
  }

  function refuseLine(): void {
    onRequest({ kind: "too-long", text: junk });
    reply += `line too long: at most ${MAX_LINE_BYTES} bytes\r\n`;
    at = "excess";
  }

  function endLine(ending: string): void {
    if (answered && at !== "excess") {
      reply += ending;
      sendsLines = true;
    } else if (at === "junk" || word !== "") {
      onRequest({ kind: "invalid", text: junk || word });
    }
    startLine();
    if (quitting === "ending") quitting = "done";
  }

  function startLine(): void {
    at = "word";
    word = "";
    junk = "";
    length = 0;
    answered = false;
    settled = false;
  }

  function isBare(): boolean {
    if (at === "word") return answered && word === "" && whole && !settled;
    return at !== "excess" && whole && length >= SHORTEST_BARE;
  }

  return {
    receive,
    quiet() {
      if (!isBare()) return;
      if (at === "junk") onRequest({ kind: "invalid", text: junk });
      if (at === "word") settled = true;
      else startLine();
    },
    end() {
      reply = "";
      if (cr) endLine(CR);
      else if (at === "junk" || (word !== "" && !answered)) endLine("");
      return reply;
    },
    get unfinished() {
      return isBare();
    },
    get quitting() {
      return quitting;
    },
    get endingWait() {
      // A program that sends whole bare words sends no ending; one that sent lines does, soon;
      // a person's is a key-press away.
      if (sendsBare) return 0;
      return sendsLines || types ? 1000 : 100;
    },
  };
}
