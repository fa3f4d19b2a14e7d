/** Pages that somebody looks at, as the master sees them: streams of events that are read. */

export interface Pages extends Disposable {
  /** How many bytes came so far, of all together. */
  readonly received: number;
}

/** Opens so many streams; the end of the scope closes them. */
export async function openPages(page: string, count: number): Promise<Pages> {
  const closing = new AbortController();
  let received = 0;
  for (let i = 0; i < count; i += 1) {
    const response = await fetch(new URL("/events", page), { signal: closing.signal });
    if (response.body === null || !response.ok) {
      throw new Error(`${page}events answered ${response.status}`);
    }
    void read(response.body, closing.signal, (bytes) => (received += bytes));
  }
  return {
    get received() {
      return received;
    },
    [Symbol.dispose]: () => closing.abort(),
  };
}

async function read(
  stream: ReadableStream<Uint8Array>,
  closing: AbortSignal,
  take: (bytes: number) => void,
): Promise<void> {
  try {
    for await (const bytes of stream) take(bytes.length);
  } catch (error) {
    if (!closing.aborted) throw error;
  }
}
