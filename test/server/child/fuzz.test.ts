/**
 * Whatever a client sends: fifteen thousand inputs (a million in `npm run test:long`) to the
 * services themselves, and a flood of them to real children. A failure shows the seed that
 * makes the same inputs again:
 *
 *     FUZZ_SEED=123 bun test/run.ts test/server/child/fuzz.test.ts
 */
import { heapStats } from "bun:jsc";
import { describe, expect, test } from "bun:test";
import { startBuiltIn } from "../../../server/child/services/built-in.ts";
import type { ByteService } from "../../../server/child/services/byte-service.ts";
import { WONT_TIMING_MARK } from "../../../server/child/telnet/decoder.ts";
import { MAX_REQUEST_CHARS, parseChildMessage } from "../../../server/channel/messages.ts";
import { connect } from "../../harness/connect.ts";
import { memoryIfThere, readMemory } from "../../harness/processes.ts";
import { type Server, startServerWithoutPage } from "../../harness/server.ts";
import { sized } from "../../harness/sized.ts";
import { until } from "../../harness/until.ts";
import { UNSAFE } from "./inputs.ts";
import { type RandomInput, randomInput } from "./random-input.ts";
import { expectServed } from "./served.ts";
import type { RequestReport } from "../../../shared/log.ts";

const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);

const TIME = "2003/05/21 16:18:34";

const INPUTS = sized(15_000, 1_000_000);

/** All replies of the time service. */
const REPLIES = new RegExp(
  `^(?:${TIME}|quit|line too long: at most 4096 bytes\r\n|\r\n?|\n|${WONT_TIMING_MARK})*$`,
);

/** `time` is answered with 19 bytes. */
const MAX_REPLY_PER_BYTE = 19 / 4;

interface Talk {
  replies: string;
  requests: RequestReport[];
}

/**
 * Returns what the service does with these pieces and the end, with a silence after some of them.
 */
function talk(pieces: readonly string[], isSilent = () => false): Talk {
  const requests: RequestReport[] = [];
  const service = startBuiltIn(
    "time",
    (request) => requests.push(request),
    () => TIME,
  );
  let replies = "";
  for (const piece of pieces) {
    replies += receive(service, piece);
    if (isSilent()) service.silence?.();
  }
  return { replies: replies + (service.end()?.toString("latin1") ?? ""), requests };
}

function receive(service: ByteService, piece: string): string {
  return service.receive(Buffer.from(piece, "latin1")).toString("latin1");
}

/** `expect` is too slow for a million calls. */
function check(holds: boolean, what: string, input: unknown): void {
  if (!holds) throw new Error(`FUZZ_SEED=${SEED}: ${what}: ${JSON.stringify(input)}`);
}

/** Checks what holds for any talk. */
function checkTalk({ replies, requests }: Talk, input: string, pieces: readonly string[]): void {
  check(REPLIES.test(replies), "an unknown reply", pieces);
  check(replies.length <= MAX_REPLY_PER_BYTE * input.length, "replies too long", pieces);
  const times = requests.filter(({ kind }) => kind === "time").length;
  check(replies.split(TIME).length === times + 1, "not as many times as requested", pieces);
  check(
    requests.every(({ text }) => text.length <= MAX_REQUEST_CHARS),
    "a request's text too long",
    pieces,
  );
}

/** Returns the bytes in use after a garbage collection. */
function heapSize(): number {
  Bun.gc(true);
  return heapStats().heapSize;
}

describe("in one process", () => {
  test(`${INPUTS.toLocaleString("en")} inputs get known replies only, the same for any split, and leak nothing`, () => {
    const random = randomInput(SEED);
    let early = 0;
    for (let count = 0; count < INPUTS; count += 1) {
      if (count === INPUTS / 10) early = heapSize();
      const input = random.input();
      const pieces = random.cut(input);
      const silences = random.below(4) === 0;
      const cut = talk(pieces, () => silences && random.below(2) === 0);
      checkTalk(cut, input, pieces);
      // A silence may complete a bare request, so the split matters if there is one.
      if (silences) continue;
      const whole = talk([input]);
      check(cut.replies === whole.replies, "a different reply than to the whole", pieces);
      check(
        Bun.deepEquals(cut.requests, whole.requests),
        "a different request than from the whole",
        pieces,
      );
    }
    expect(heapSize() - early).toBeLessThan(2e6);
  });

  test("what one client sends for ever leaks nothing in its service", () => {
    const random = randomInput(SEED);
    let reported = 0;
    const begin = () =>
      startBuiltIn(
        "time",
        (request) => {
          reported += 1;
          const activity = { bytesIn: 0, bytesOut: 0, requests: [request], unlisted: 0 };
          check(
            parseChildMessage({ type: "report", ...activity }) !== null,
            "an invalid request",
            request,
          );
        },
        () => TIME,
      );
    let service = begin();
    let early = 0;
    for (let count = 0; count < INPUTS / 10; count += 1) {
      if (count === INPUTS / 100) early = heapSize();
      for (const piece of random.cut(random.input(false))) {
        check(REPLIES.test(receive(service, piece)), "an unknown reply", piece);
      }
      if (service.awaitsSilence) service.silence?.();
      if ((service.quitting ?? "no") !== "no") service = begin(); // by chance
    }
    expect(reported).toBeGreaterThan(INPUTS / 50);
    expect(heapSize() - early).toBeLessThan(2e6);
  });

  test("echo sends back every byte", () => {
    const random = randomInput(SEED);
    const service = startBuiltIn(
      "echo",
      () => {},
      () => TIME,
    );
    for (let count = 0; count < INPUTS / 10; count += 1) {
      const input = random.input();
      check(
        random
          .cut(input)
          .map((piece) => receive(service, piece))
          .join("") === input,
        "not echoed",
        input,
      );
    }
  });
});

describe("real children", () => {
  const CLIENTS = sized(16, 200);
  const AT_A_TIME = 16;
  const EXITS = ["half-close", "reset", "close", "quit"] as const;

  /** What one client sends, and the memory that its child may use for it: twice what it needs. */
  const JUNK_BYTES = sized(20e6, 40e6);
  const MAX_MEMORY_BYTES = 30e6;

  /** Returns 200 to 500 kB of input. */
  function longInput(random: RandomInput, quits: boolean): string {
    const length = 200_000 + random.below(300_000);
    let input = "";
    while (input.length < length) input += random.input(quits);
    return input;
  }

  /** Checks that no session has crashed, each has ended, and the console is clean. */
  async function expectAllWell(server: Server, sessions: number): Promise<void> {
    await using client = await connect(server.port);
    await client.send("time\n");
    await client.readUntil("\n"); // the next client is served, whichever the service
    client.close();
    await until(
      () => server.events("ended").length > sessions,
      () => `all sessions have ended; of the others the log has ${withoutEnd(server)}`,
    );
    const odd = server
      .events("ended")
      .filter(({ reason }) => !["quit", "client left", "client reset"].includes(reason));
    expect(odd).toEqual([]);
    expect(server.events("warning")).toEqual([]);
    expect(UNSAFE.exec(server.stdout)).toBeNull();
  }

  /**
   * Returns the log of sessions that have not ended, and of the server itself, without requests.
   */
  function withoutEnd(server: Server): string {
    const ended = new Set(server.events("ended").map(({ id }) => id));
    const entries = server.log.filter(
      (entry) => entry.event !== "request" && !("id" in entry && ended.has(entry.id as string)),
    );
    return JSON.stringify(entries);
  }

  for (const flags of [{ spares: 4 }, { service: "echo" }]) {
    test(`${CLIENTS} clients send random input and leave in every way: ${JSON.stringify(flags)}`, async () => {
      await using server = await startServerWithoutPage({ maxPerSource: 1000, ...flags });
      const random = randomInput(SEED);
      let peak = 0;
      let left = CLIENTS;

      async function serveOne(): Promise<void> {
        const exit = EXITS[left % EXITS.length];
        const input = longInput(random, exit === "quit");
        await using client = await connect(server.port);
        const { pid } = await server.event(
          "serving",
          ({ remotePort }) => remotePort === client.port,
        );
        let ended = false;
        const end = client.readToEnd().finally(() => (ended = true));
        for (let at = 0; at < input.length && !ended;) {
          at += client.sendSome(input.slice(at, at + 1 + random.below(20_000)));
          await Bun.sleep(0);
          if (exit !== "quit" && random.below(20) === 0) {
            peak = Math.max(peak, memoryIfThere(pid)?.private ?? 0);
          }
        }
        if (exit === "reset") client.reset();
        else if (exit === "close") client.close();
        else client.halfClose();
        await end;
      }

      async function lane(): Promise<void> {
        while (left > 0) {
          left -= 1;
          await serveOne();
        }
      }
      await Promise.all(Array.from({ length: AT_A_TIME }, lane));
      await expectAllWell(server, CLIENTS);
      expect(peak).toBeLessThan(MAX_MEMORY_BYTES);
    });
  }

  test(`${JUNK_BYTES / 1e6} MB of junk from one client cost its child no memory and affect no other client`, async () => {
    await using server = await startServerWithoutPage();
    await using other = await connect(server.port);
    await using client = await connect(server.port);
    const { pid } = await server.event("serving", ({ remotePort }) => remotePort === client.port);
    const random = randomInput(SEED);
    const [negotiation, line] = [`\xff\xfa${"x".repeat(1e6)}\xff\xf0`, `${"x".repeat(1e6)}\n`];
    const junk = longInput(random, false) + negotiation + line;
    let peak = 0;
    for (let sent = 0; sent < JUNK_BYTES; sent += junk.length) {
      await client.send(junk);
      peak = Math.max(peak, readMemory(pid).private);
      if (client.received.length > 1e6) await client.read(client.received.length);
    }
    await expectServed(other);
    client.halfClose();
    expect((await client.readToEnd()).end).toBe("clean");
    other.close();
    await expectAllWell(server, 2);
    expect(peak).toBeLessThan(MAX_MEMORY_BYTES);
  });

  // In JSON a control character cannot show: JSON's escapes would hide that ours are missing.
  for (const [log, ended] of [
    ["pretty", "ended: client left"],
    ["tutorial", "client connection broken"],
  ] as const) {
    test(`--log ${log} shows whatever is sent, without its control characters`, async () => {
      await using server = await startServerWithoutPage({ log });
      const random = randomInput(SEED);
      for (let count = 0; count < 40; count += 1) {
        await using client = await connect(server.port);
        for (let i = 0; i < 30; i += 1) await client.send(random.input(false));
        client.halfClose();
        await client.readToEnd();
      }
      await server.prints(ended, 40);
      expect(UNSAFE.exec(server.stdout)).toBeNull();
      expect(server.stdout).toContain("\\x1b[2J");
    });
  }
});
