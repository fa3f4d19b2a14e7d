/** A service of the user's, or the chat, as what a child speaks: its handlers, one at a time. */
import {
  isName,
  MAX_JSON_CHARS,
  MAX_NAME_CHARS,
  type LeaveReason,
  readJson,
} from "../../channel/messages.ts";
import { type Reporter, toBytes } from "../../channel/report.ts";
import { clean, type Client, type Message, type Service as Definition } from "../../service.ts";
import { type RoomEvent, createTalk } from "../talk.ts";
import { createTelnetDecoder, WONT_TIMING_MARK } from "../telnet/decoder.ts";
import { MAX_LINE_BYTES, createLineSplitter } from "../../channel/lines.ts";
import type { Link, Service } from "./service.ts";

/** Who the client is. */
export interface HostedClient {
  id: string;
  address: string;
  port: number;
}

export interface Hosted extends Service {
  /** What a handler has thrown, or something it has left behind. */
  fail(error: unknown): void;
  /** The session is over. Settles when the service has taken leave, in `LAST_HANDLER` and `LAST` ms at the most. */
  left(reason: LeaveReason): Promise<void>;
}

/** What happens to the client, as the handler that is to be called. */
type Happening = () => void | Promise<void>;

/** With so many lines or pieces waiting for their handler the client is not read from. */
const MOST_WAITING = 64;

/** Bytes of text that are taken apart in one go: each may be a line, and Bun reads up to 512 kB at once. */
const SLICE = 1024;

/** How long (ms) nothing may be said to a client that sends nothing more: it may have gone. */
const LAST_ANSWERS = 10_000;

/** How long (ms) the handler that is under way may still take when the session is over. */
const LAST_HANDLER = 2000;

/** How long (ms) a service may take for its leave. */
const LAST = 5000;

const NOTHING: Buffer = Buffer.alloc(0);

/** What the client is told of a service that threw. */
const FAILED = Buffer.from("the service has failed\r\n");

/** `describeError` gives what stands in the log of something that was thrown. */
export function hostService(
  definition: Definition<unknown>,
  guest: HostedClient,
  link: Link,
  report: Reporter,
  describeError: (error: unknown) => string,
): Hosted {
  const talk = createTalk(hear);
  const gone = new AbortController();
  const waiting: Happening[] = [];
  let underWay: Promise<void> | null = null;
  /** What came and was not taken apart, and whether more will come. */
  let unread = NOTHING;
  let isEnd = false;
  let lastAnswers: Timer | undefined;
  let room = "";

  const client: { -readonly [Part in keyof Client<unknown>]: Client<unknown>[Part] } = {
    ...guest,
    state: undefined,
    signal: gone.signal,
    write(data) {
      link.send(bytesOf(data));
      lastAnswers?.refresh();
      return link.drained();
    },
    end(data) {
      if (data !== undefined) link.send(bytesOf(data));
      link.finish("ended by service");
    },
    log: (text) => report.said(toBytes(text)),
    async enter(newRoom, name) {
      for (const one of [newRoom, name]) {
        if (isName(one)) continue;
        throw new RangeError(`a name is one clean line of 1 to ${MAX_NAME_CHARS} characters`);
      }
      const entered = await talk.enter(newRoom, name);
      if (entered) room = newRoom;
      return entered;
    },
    who: (where = room) => talk.who(where),
    broadcast: (message) => talk.broadcast(jsonOf(message)),
    send: (to, message) => talk.send(to, jsonOf(message)),
  };

  const lines = createLineSplitter(
    (latin1) => {
      report.requests(1);
      const line = clean(Buffer.from(latin1, "latin1").toString());
      happen(() => definition.line?.(client, line));
    },
    () => link.send(Buffer.from(`line too long: at most ${MAX_LINE_BYTES} bytes\r\n`)),
  );
  let marks = "";
  const decode = createTelnetDecoder(lines.take, () => (marks += WONT_TIMING_MARK));

  function happen(happening: Happening): void {
    waiting.push(happening);
    underWay ??= Promise.resolve().then(goOn);
  }

  /** Calls the handlers one after the other: the next when this one's promise has settled and its words are out. */
  async function goOn(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (gone.signal.aborted) break;
      try {
        await next();
        await talk.answered();
      } catch (error) {
        fail(error);
      }
      await link.drained();
      takeUnread();
    }
    underWay = null;
  }

  /** Makes handlers' work of what came, as long as there is not much of it. */
  function takeUnread(): void {
    while (unread.length > 0 && waiting.length < MOST_WAITING) {
      const slice = unread.subarray(0, size);
      unread = unread.subarray(size);
      take(slice);
    }
    if (unread.length > 0) return link.pause();
    link.resume();
    if (!isEnd) return;
    isEnd = false;
    lines.end();
    happen(() => link.finish("left"));
  }

  /** A client that has not taken what it was sent is still there, or the kernel will tell. */
  function giveUp(): void {
    if (link.isBehind) lastAnswers?.refresh();
    else link.finish("left");
  }

  function hear(heard: RoomEvent): void {
    happen(() => {
      talk.dealtWith(heard);
      return tell(heard);
    });
  }

  function tell(heard: RoomEvent): void | Promise<void> {
    switch (heard.type) {
      case "message": {
        // The master lets nothing else through; what another one sends is never this service's failure.
        const message = readJson(heard.json) as Message | undefined;
        return message === undefined
          ? undefined
          : definition.message?.(client, heard.from, message);
      }
      case "joined":
        return definition.joined?.(client, heard.member);
      case "left":
        return definition.left?.(client, heard.member);
      case "lost":
        return definition.lost?.(client, heard.count);
    }
  }

  function fail(error: unknown): void {
    // That is what the signal is for.
    if (gone.signal.aborted && error === gone.signal.reason) return;
    report.failed(describeError(error));
    link.send(FAILED);
    link.finish("service failed");
  }

  function takeText(bytes: Buffer): void {
    marks = "";
    decode(bytes);
    if (marks !== "") link.send(Buffer.from(marks, "latin1"));
  }

  function takeBytes(bytes: Buffer): void {
    happen(() => definition.bytes?.(client, Uint8Array.from(bytes)));
  }

  const [take, size] =
    definition.bytes === undefined ? [takeText, SLICE] : [takeBytes, Number.POSITIVE_INFINITY];

  return {
    begin: () =>
      happen(() => {
        client.state = definition.state?.();
        return definition.open?.(client);
      }),
    receive(bytes) {
      unread = Buffer.concat([unread, bytes]); // a copy: Bun uses its buffer again
      takeUnread();
      return NOTHING;
    },
    quiet() {},
    end() {
      isEnd = true;
      takeUnread();
      lastAnswers = setTimeout(giveUp, LAST_ANSWERS);
      return null;
    },
    ending: () => gone.abort(),
    unfinished: false,
    quitting: "no",
    endingWait: 0,
    fail,
    async left(reason) {
      clearTimeout(lastAnswers);
      await Promise.race([underWay, Bun.sleep(LAST_HANDLER)]);
      try {
        await Promise.race([definition.leave?.(client, reason), Bun.sleep(LAST)]);
      } catch (error) {
        report.failed(describeError(error));
      }
      report.flush();
    },
  };
}

function bytesOf(data: string | Uint8Array): Buffer {
  // Copied: what is not sent at once waits, and the service may use its bytes again.
  return Buffer.from(data);
}

function jsonOf(message: Message): string {
  const json = JSON.stringify(message) as string | undefined;
  if (json === undefined) throw new TypeError("a message is what JSON can say");
  if (json.length <= MAX_JSON_CHARS) return json;
  throw new RangeError(`a message has ${MAX_JSON_CHARS} characters as JSON at the most`);
}
