/** A service of text, spoken over telnet: the text goes to the service, telnet's own bytes do not. */
import { createTelnetDecoder, WONT_TIMING_MARK } from "../telnet/decoder.ts";
import type { Service } from "./service.ts";

/** A protocol of text, each byte a latin1 character; as `Service` otherwise. */
export interface TextService extends Omit<Service, "receive" | "end"> {
  receive(data: string): string;
  end(): string;
}

/**
 * Bytes that are answered in one go. Bun reads up to 512 kB at once; the strings for so many
 * requests together made the heap of a child whose client floods it grow to 300 MB instead of 35.
 */
const SLICE = 16_384;

/** Gives `text` as a service of bytes. */
export function decodeTelnet(text: TextService): Service {
  const telnet = createTelnetDecoder();

  function answer(bytes: Buffer): Buffer {
    let reply = "";
    telnet.decode(
      bytes,
      (data) => (reply += text.receive(data)),
      () => (reply += text.quitting === "done" ? "" : WONT_TIMING_MARK),
    );
    return Buffer.from(reply, "latin1");
  }

  return {
    receive(bytes) {
      if (bytes.length <= SLICE) return answer(bytes);
      const replies: Buffer[] = [];
      for (let at = 0; at < bytes.length && text.quitting !== "done"; at += SLICE) {
        replies.push(answer(bytes.subarray(at, at + SLICE)));
      }
      return Buffer.concat(replies);
    },
    quiet: () => text.quiet(),
    end: () => Buffer.from(text.end(), "latin1"),
    get unfinished() {
      return text.unfinished;
    },
    get quitting() {
      return text.quitting;
    },
    get endingWait() {
      return text.endingWait;
    },
  };
}
