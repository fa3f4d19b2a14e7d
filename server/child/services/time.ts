/**
 * The tutorial's protocol, as a pure function of the bytes received: `time` is answered with the
 * local time, `quit` with `quit` and the end of the session, anything else with nothing.
 *
 * A request may be bare, as the tutorial's client sends it, or end a line, as telnet's do, and its
 * reply is framed the same way. TCP keeps no boundaries, so nobody can know whether the line ending
 * of a bare `time` is still to come. So the reply is sent as soon as the word is complete, and the
 * line ending is sent after it when, and only when, it is received. Any split of the same bytes is
 * therefore answered with the same bytes.
 *
 * Words may be joined (`timequit`). Anything else that follows a word or begins a line belongs to
 * that line and is skipped up to its end. Only what came in one read, as a program sends it bare,
 * also ends with a silence: while a person types, a pause means nothing.
 */
import { MAX_LINE_BYTES } from "../../channel/lines.ts";
import type { RequestReport } from "../../../shared/log.ts";
import { createLineEndings } from "./line-endings.ts";
import type { TextService } from "./over-telnet.ts";
import { createRequestParser } from "./time-requests.ts";

/** How long to wait for the line ending of a `quit`: in general, and if one is to be expected. */
const LINE_ENDING_TIMEOUT_MS = 100;
const EXPECTED_LINE_ENDING_TIMEOUT_MS = 1000;

/**
 * Serves one client. `onRequest` takes each request; `localTime` returns the time to reply with.
 */
export function timeService(
  onRequest: (request: RequestReport) => void,
  localTime: () => string,
): TextService {
  let reply = "";
  let quitting: TextService["quitting"] = "no";

  // How this client sends: whether a line ending is still to be expected after its quit.
  let sendsBare = false;
  let sendsLinesOrTypes = false;

  const requests = createRequestParser({
    command(command, isWhole, isJoined) {
      sendsBare ||= isJoined;
      sendsLinesOrTypes ||= !isWhole;
      onRequest({ kind: command, text: command });
      reply += command === "time" ? localTime() : "quit";
      if (command === "quit") quitting = "line ending";
    },
    invalid: (text) => onRequest({ kind: "invalid", text }),
    tooLong(text) {
      onRequest({ kind: "too-long", text });
      reply += `line too long: at most ${MAX_LINE_BYTES} bytes\r\n`;
    },
    answeredLine(ending) {
      reply += ending;
      sendsLinesOrTypes = true;
    },
    bareRequest: () => void (sendsBare = true),
  });

  const endings = createLineEndings(
    (char) => {
      if (quitting === "no") requests.text(char);
      else quitting = "done"; // no line ending follows the quit
    },
    (ending) => {
      if (quitting === "done") return;
      requests.endLine(ending);
      if (quitting === "line ending") quitting = "done";
    },
  );

  return {
    receive(latin1) {
      reply = "";
      requests.startRead();
      for (let i = 0; i < latin1.length && quitting !== "done"; i += 1) {
        endings.take(latin1.charAt(i));
      }
      return reply;
    },
    end() {
      reply = "";
      if (!endings.end()) requests.end();
      return reply;
    },
    get awaitsSilence() {
      return requests.isBare();
    },
    silence: () => requests.silence(),
    get quitting() {
      return quitting;
    },
    get lineEndingTimeoutMs() {
      // A program that sends bare words sends no line ending. One that has sent lines sends it
      // soon, and that of a person who types is one key away.
      if (sendsBare) return 0;
      return sendsLinesOrTypes ? EXPECTED_LINE_ENDING_TIMEOUT_MS : LINE_ENDING_TIMEOUT_MS;
    },
  };
}
