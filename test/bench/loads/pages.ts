/** Open pages as the master sees them: event streams that are being read. */

export interface Pages extends Disposable {
  /** What each page has received so far. */
  received(): Received[];
}

export interface Received {
  messages: number;
  bytes: number;
}

/** Opens a stream for each query; disposing closes them. */
export async function openPages(page: string, queries: readonly string[]): Promise<Pages> {
  const closing = new AbortController();
  const counts: Received[] = [];
  for (const query of queries) {
    const response = await fetch(new URL(`/events${query}`, page), { signal: closing.signal });
    if (response.body === null || !response.ok) {
      throw new Error(`${page}events${query} answered ${response.status}`);
    }
    const count = { messages: 0, bytes: 0 };
    counts.push(count);
    void read(response.body, closing.signal, count);
  }
  return {
    received: () => counts.map((count) => ({ ...count })),
    [Symbol.dispose]: () => closing.abort(),
  };
}

const NEWLINE = 10;

async function read(
  stream: ReadableStream<Uint8Array>,
  closing: AbortSignal,
  count: Received,
): Promise<void> {
  let newline = false; // the previous byte was one; a message ends with an empty line
  try {
    for await (const bytes of stream) {
      count.bytes += bytes.length;
      for (const byte of bytes) {
        if (byte === NEWLINE && newline) count.messages += 1;
        newline = byte === NEWLINE && !newline;
      }
    }
  } catch (error) {
    if (!closing.aborted) throw error;
  }
}
