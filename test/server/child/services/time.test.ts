import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { timeService } from "../../../../server/child/services/time.ts";
import { MAX_LINE_BYTES } from "../../../../server/channel/lines.ts";
import { serviceInput, splitAt } from "../inputs.ts";
import type { RequestReport } from "../../../../shared/log.ts";

const TIME = "2003/05/21 16:18:34";
const TOO_LONG = `line too long: at most ${MAX_LINE_BYTES} bytes\r\n`;

interface Talk {
  replies: string;
  requests: RequestReport[];
}

/** Returns what the service does with these pieces and the end; `null` is a silence. */
function talk(pieces: readonly (string | null)[]): Talk {
  const requests: RequestReport[] = [];
  const service = timeService(
    (request) => requests.push(request),
    () => TIME,
  );
  let replies = "";
  for (const piece of pieces) {
    if (piece !== null) replies += service.receive(piece);
    else if (service.awaitsSilence) service.silence();
  }
  replies += service.end();
  return { replies, requests };
}

/** The same for the whole input at once: the protocol, line by line. */
function model(input: string): Talk {
  const talk: Talk = { replies: "", requests: [] };
  for (const [, body = "", mark = ""] of input.matchAll(/([^\r\n]*)(\r\n|\r\0|\r|\n|$)/g)) {
    const ending = mark === "\r\0" ? "\r\n" : mark;
    const [joined = ""] = /^(?:time|quit)*/.exec(body) ?? [];
    const commands = (joined.match(/.{4}/g) ?? []) as ("time" | "quit")[];
    const upToQuit = commands.indexOf("quit") + 1 || commands.length;
    for (const text of commands.slice(0, upToQuit)) {
      talk.requests.push({ kind: text, text });
      talk.replies += text === "time" ? TIME : "quit";
    }
    const quits = commands.includes("quit");
    const rest = body.slice(upToQuit * 4);
    if (quits) {
      if (rest === "") talk.replies += ending;
      return talk;
    }
    if (rest.length > MAX_LINE_BYTES) {
      talk.requests.push({ kind: "too-long", text: commands.length > 0 ? "" : rest.slice(0, 80) });
      talk.replies += TOO_LONG;
    } else if (commands.length > 0) {
      talk.replies += ending;
    } else if (rest !== "") {
      talk.requests.push({ kind: "invalid", text: rest.slice(0, 80) });
    }
  }
  return talk;
}

test("any split of any input yields the replies and the requests of the protocol", () => {
  fc.assert(
    fc.property(serviceInput, fc.array(fc.nat()), (input, cuts) => {
      expect(talk(splitAt(input, cuts))).toEqual(model(input));
    }),
    { numRuns: 2000 },
  );
});

test("one byte at a time yields the same as all at once", () => {
  fc.assert(
    fc.property(serviceInput, (input) => {
      expect(talk([...input])).toEqual(talk([input]));
    }),
    { numRuns: 500 },
  );
});

test("typed one key at a time, with a pause after each, yields the same as all at once", () => {
  fc.assert(
    fc.property(serviceInput, (input) => {
      const keys = [...input].flatMap((key) => [key, null]);
      expect(talk(keys)).toEqual(talk([input]));
    }),
    { numRuns: 500 },
  );
});

test("silences change no reply to lines that are commands", () => {
  const line = fc.constantFrom("time\r\n", "time\n", "timetime\r\n", "\r\n", "time\r\0");
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat()), (lines, cuts) => {
      const input = lines.join("");
      const pieces = splitAt(input, cuts).flatMap((piece) => [piece, null]);
      expect(talk(pieces)).toEqual(model(input));
    }),
  );
});

test("silences break nothing, whatever is sent between them", () => {
  fc.assert(
    fc.property(serviceInput, fc.array(fc.nat()), (input, cuts) => {
      const pieces = splitAt(input, cuts).flatMap((piece) => [piece, null]);
      const { replies, requests } = talk(pieces);
      const times = requests.filter(({ kind }) => kind === "time").length;
      expect(replies.split(TIME)).toHaveLength(times + 1);
    }),
  );
});

describe("a silence", () => {
  for (const [what, pieces, replies] of [
    ["ends a bare command: the next word is a new one", ["time", null, "time"], TIME + TIME],
    ["does not lose the line ending", ["time", null, "\r\n", "time\r\n"], `${TIME}\r\n${TIME}\r\n`],
    ["may come within CR LF", ["time\r", null, "\n"], `${TIME}\r\n`],
    ["ends a bare word that is no command", ["hello", null, "time"], TIME],
    ["ends what followed a bare command", ["time", "hello", null, "time"], TIME + TIME],
    ["ends nothing that is typed", ["x", null, "time\r\n"], ""],
    ["ends no line that was too long", ["y".repeat(5000), null, "quit\r\n"], TOO_LONG],
    ["does not end a word that may become a command", ["ti", null, "me"], TIME],
  ] as const) {
    test(what, () => {
      expect(talk(pieces).replies).toBe(replies);
    });
  }
});

describe("quit", () => {
  function afterQuit(...pieces: string[]) {
    const service = timeService(
      () => {},
      () => TIME,
    );
    const replies = pieces.map((piece) => service.receive(piece)).join("");
    const { quitting, lineEndingTimeoutMs } = service;
    return { replies, quitting, lineEndingTimeoutMs };
  }

  test("followed by its line ending it is over", () => {
    expect(afterQuit("quit\r\n")).toMatchObject({ replies: "quit\r\n", quitting: "done" });
    expect(afterQuit("quit", "\n")).toMatchObject({ replies: "quit\n", quitting: "done" });
  });

  test("bare, its line ending may still come", () => {
    expect(afterQuit("quit")).toMatchObject({ replies: "quit", quitting: "line ending" });
    expect(afterQuit("quit\r")).toMatchObject({ replies: "quit", quitting: "line ending" });
  });

  test("followed by anything else it is over", () => {
    expect(afterQuit("quit", "time")).toMatchObject({ replies: "quit", quitting: "done" });
    expect(afterQuit("quit\r", "x")).toMatchObject({ replies: "quit\r", quitting: "done" });
  });

  test("the wait for a line ending is short for a program, long for a person, and zero after bare words", () => {
    const { lineEndingTimeoutMs: unknown } = afterQuit("quit");
    const { lineEndingTimeoutMs: lines } = afterQuit("time\r\n", "quit");
    const { lineEndingTimeoutMs: typed } = afterQuit("q", "u", "i", "t");
    const { lineEndingTimeoutMs: bare } = afterQuit("timequit");
    expect(unknown).toBeGreaterThan(bare);
    expect(lines).toBeGreaterThan(unknown);
    expect(typed).toBeGreaterThan(unknown);
    expect(bare).toBe(0);
  });
});
