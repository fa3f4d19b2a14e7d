/** The stream of server-sent events, as a program reads it. */
import type { Server } from "../harness/server.ts";
import { until } from "../harness/until.ts";
import { urlOf } from "./request.ts";

export interface Message {
  /** "" for those that htmx swaps in by itself. */
  event: string;
  id: string | null;
  data: string;
}

export interface EventStream extends AsyncDisposable {
  readonly status: number;
  readonly headers: Headers;
  /** All messages so far. */
  readonly messages: readonly Message[];
  /** The first message of this name that meets the condition; waits for it if need be. */
  next(event: string, condition?: (message: Message) => boolean): Promise<Message>;
}

interface Wish {
  path?: string;
  query?: string;
  lastEventId?: string;
  language?: string;
}

/** Opens the stream; it is read along until the end of the scope. */
export async function openEvents(
  server: Pick<Server, "url">,
  { path = "events", query = "", lastEventId, language }: Wish = {},
): Promise<EventStream> {
  const abort = new AbortController();
  const { status, headers, body } = await fetch(urlOf(server, `${path}${query}`), {
    headers: {
      ...(lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId }),
      ...(language === undefined ? {} : { "Accept-Language": language }),
    },
    signal: abort.signal,
    keepalive: false,
  });
  const messages: Message[] = [];
  const read = readMessages(body, (message) => messages.push(message));
  return {
    status,
    headers,
    messages,
    next: (event, condition = () => true) =>
      until(
        () => messages.find((message) => message.event === event && condition(message)),
        () => `a wanted "${event}" comes; these came: ${JSON.stringify(messages).slice(-2000)}`,
      ),
    async [Symbol.asyncDispose]() {
      abort.abort();
      await read;
    },
  };
}

async function readMessages(
  body: ReadableStream<Uint8Array> | null,
  take: (message: Message) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const bytes of body ?? []) {
      const blocks = (rest + decoder.decode(bytes, { stream: true })).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) take(parseMessage(block));
    }
  } catch (error) {
    // Closed on this side, or cut off by a server that ends.
    const { name, code } = error as { name?: string; code?: string };
    if (name !== "AbortError" && code !== "ECONNRESET") throw error;
  }
}

function parseMessage(block: string): Message {
  const message: Message = { event: "", id: null, data: "" };
  const data: string[] = [];
  for (const line of block.split("\n")) {
    if (line.startsWith(":")) continue; // a comment
    const [, name, value = ""] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (name === "event") message.event = value;
    else if (name === "id") message.id = value;
    else if (name === "data") data.push(value);
    else throw new Error(`not of a stream of events: ${JSON.stringify(line)}`);
  }
  return { ...message, data: data.join("\n") };
}
