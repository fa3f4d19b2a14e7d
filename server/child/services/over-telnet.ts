/** Telnet around a service of text: the text goes to the service, telnet's commands do not. */
import { createTelnetDecoder, WONT_TIMING_MARK } from "../telnet/decoder.ts";
import type { ByteService } from "./byte-service.ts";

/** A service of text, in which each character is a byte (latin1). Otherwise as `ByteService`. */
export interface TextService extends Required<Omit<ByteService, "open" | "receive" | "end">> {
  receive(latin1: string): string;
  end(): string;
}

/**
 * Bytes that are answered at a time. Bun reads up to 512 kB at once, and the strings
 * for all of their requests together made the heap of a child whose client floods it
 * grow to 300 MB instead of 35.
 */
const MAX_SLICE_BYTES = 16_384;

/** Returns `text` as a service of bytes. */
export function overTelnet(text: TextService): ByteService {
  let reply = "";
  const decode = createTelnetDecoder(
    (latin1) => (reply += text.receive(latin1)),
    () => (reply += text.quitting === "done" ? "" : WONT_TIMING_MARK),
  );

  function answer(bytes: Buffer): Buffer {
    reply = "";
    decode(bytes);
    return Buffer.from(reply, "latin1");
  }

  return {
    receive(bytes) {
      if (bytes.length <= MAX_SLICE_BYTES) return answer(bytes);
      const replies: Buffer[] = [];
      for (let at = 0; at < bytes.length && text.quitting !== "done"; at += MAX_SLICE_BYTES) {
        replies.push(answer(bytes.subarray(at, at + MAX_SLICE_BYTES)));
      }
      return Buffer.concat(replies);
    },
    end: () => Buffer.from(text.end(), "latin1"),
    get awaitsSilence() {
      return text.awaitsSilence;
    },
    silence: () => text.silence(),
    get quitting() {
      return text.quitting;
    },
    get lineEndingTimeoutMs() {
      return text.lineEndingTimeoutMs;
    },
  };
}
