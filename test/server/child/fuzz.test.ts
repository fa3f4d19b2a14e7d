/**
 * Whatever a client sends: fifty thousand inputs (a million in `npm run test:long`) to the services themselves, and a flood of them to real
 * children. A failure tells the seed that makes the same inputs again:
 *
 *     FUZZ_SEED=123 bun test/run.ts test/server/fuzz.test.ts
 */
import { heapStats } from "bun:jsc";
import { describe, expect, test } from "bun:test";
import { startBuiltIn } from "../../../server/child/services/built-in.ts";
import type { ByteService } from "../../../server/child/services/byte-service.ts";
import { WONT_TIMING_MARK } from "../../../server/child/telnet/decoder.ts";
import { MAX_REQUEST_CHARS, parseChildMessage } from "../../../server/channel/messages.ts";
import { connect } from "../../harness/connect.ts";
import { memoryIfThere, readMemory } from "../../harness/processes.ts";
import { type Server, startServer } from "../../harness/server.ts";
import { sized } from "../../harness/sized.ts";
import { until } from "../../harness/until.ts";
import { UNSAFE } from "./inputs.ts";
import { type RandomInput, randomInput } from "./random-input.ts";
import { expectServed } from "./served.ts";
import type { RequestReport } from "../../../shared/log.ts";

const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);

const TIME = "2003/05/21 16:18:34";

const INPUTS = sized(50_000, 1_000_000);

/** All that the time service ever says. */
const REPLIES = new RegExp(
  `^(?:${TIME}|quit|line too long: at most 4096 bytes\r\n|\r\n?|\n|${WONT_TIMING_MARK})*$`,
);

/** `time` is answered with 19 bytes. */
const MOST_REPLY_PER_BYTE = 19 / 4;

interface Talk {
  replies: string;
  requests: RequestReport[];
}

/** What the service makes of these pieces and the end, with a silence after some of them. */
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

/** `expect` is too slow to be asked a million times. */
function check(holds: boolean, what: string, input: unknown): void {
  if (!holds) throw new Error(`FUZZ_SEED=${SEED}: ${what}: ${JSON.stringify(input)}`);
}

/** What holds of any talk. */
function checkTalk({ replies, requests }: Talk, input: string, pieces: readonly string[]): void {
  check(REPLIES.test(replies), "a reply that there is not", pieces);
  check(replies.length <= MOST_REPLY_PER_BYTE * input.length, "replies too long", pieces);
  const times = requests.filter(({ kind }) => kind === "time").length;
  check(replies.split(TIME).length === times + 1, "as many times as were asked for", pieces);
  check(
    requests.every(({ text }) => text.length <= MAX_REQUEST_CHARS),
    "a request's text too long",
    pieces,
  );
}

/** Bytes in use after what is garbage has gone. */
function heapSize(): number {
  Bun.gc(true);
  return heapStats().heapSize;
}

describe("in one process", () => {
  test(`${INPUTS.toLocaleString("en")} inputs get known replies only, the same for any split, and leave nothing`, () => {
    const random = randomInput(SEED);
    let early = 0;
    for (let count = 0; count < INPUTS; count += 1) {
      if (count === INPUTS / 10) early = heapSize();
      const input = random.input();
      const pieces = random.cut(input);
      const silences = random.below(4) === 0;
      const cut = talk(pieces, () => silences && random.below(2) === 0);
      checkTalk(cut, input, pieces);
      // A silence may end what was sent bare, so only without one the split says nothing.
      if (silences) continue;
      const whole = talk([input]);
      check(cut.replies === whole.replies, "another reply than to the whole", pieces);
      check(Bun.deepEquals(cut.requests, whole.requests), "another request than the whole", pieces);
    }
    expect(heapSize() - early).toBeLessThan(2e6);
  });

  test("what one client sends for ever leaves nothing in its service", () => {
    const random = randomInput(SEED);
    let told = 0;
    const begin = () =>
      startBuiltIn(
        "time",
        (request) => {
          told += 1;
          const activity = { bytesIn: 0, bytesOut: 0, requests: [request], unlisted: 0 };
          check(parseChildMessage({ type: "report", ...activity }) !== null, "no request", request);
        },
        () => TIME,
      );
    let service = begin();
    let early = 0;
    for (let count = 0; count < INPUTS / 10; count += 1) {
      if (count === INPUTS / 100) early = heapSize();
      for (const piece of random.cut(random.input(false))) {
        check(REPLIES.test(receive(service, piece)), "a reply that there is not", piece);
      }
      if (service.awaitsSilence) service.silence?.();
      if ((service.quitting ?? "no") !== "no") service = begin(); // by chance, once in millions
    }
    expect(told).toBeGreaterThan(1000);
    expect(heapSize() - early).toBeLessThan(2e6);
  });

  test("echo gives back every byte", () => {
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
  const CLIENTS = sized(48, 200);
  const AT_A_TIME = 16;

  /** What one client sends (bytes), and its child may have in memory: twice what it needs. */
  const JUNK = sized(20e6, 40e6);
  const MOST_MEMORY = 30e6;

  /** Of 200 to 500 kB. */
  function longInput(random: RandomInput, quits: boolean): string {
    const length = 200_000 + random.below(300_000);
    let input = "";
    while (input.length < length) input += random.input(quits);
    return input;
  }

  /** No session has crashed, each has ended, and the console shows nothing that it should not. */
  async function expectAllWell(server: Server, sessions: number): Promise<void> {
    await using client = await connect(server.port);
    await client.send("time\n");
    await client.readUntil("\n"); // the next client is served, by either service
    client.close();
    await until(
      () => server.events("ended").length > sessions,
      () => `all sessions have ended; of the others the log says ${withoutEnd(server)}`,
    );
    const odd = server
      .events("ended")
      .filter(({ reason }) => !["quit", "client left", "client reset"].includes(reason));
    expect(odd).toEqual([]);
    expect(server.events("warning")).toEqual([]);
    expect(UNSAFE.exec(server.stdout)).toBeNull();
  }

  /** What the log says, but for requests, of sessions that have not ended, and of the server itself. */
  function withoutEnd(server: Server): string {
    const ended = new Set(server.events("ended").map(({ id }) => id));
    const entries = server.log.filter(
      (entry) => entry.event !== "request" && !("id" in entry && ended.has(entry.id as string)),
    );
    return JSON.stringify(entries);
  }

  for (const flags of [{ spares: 4 }, { service: "echo" }]) {
    test(`${CLIENTS} clients send at random, and leave in every way: ${JSON.stringify(flags)}`, async () => {
      await using server = await startServer({ maxPerSource: 1000, dashboard: "off", ...flags });
      const random = randomInput(SEED);
      let peak = 0;
      let left = CLIENTS;

      async function visit(): Promise<void> {
        const way = (["half-close", "reset", "close", "quit"] as const)[random.below(4)];
        const input = longInput(random, way === "quit");
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
          if (way !== "quit" && random.below(20) === 0) {
            peak = Math.max(peak, memoryIfThere(pid)?.private ?? 0);
          }
        }
        if (way === "reset") client.reset();
        else if (way === "close") client.close();
        else client.halfClose();
        await end;
      }

      async function lane(): Promise<void> {
        while (left > 0) {
          left -= 1;
          await visit();
        }
      }
      await Promise.all(Array.from({ length: AT_A_TIME }, lane));
      await expectAllWell(server, CLIENTS);
      expect(peak).toBeLessThan(MOST_MEMORY);
    });
  }

  test(`${JUNK / 1e6} MB of junk from one client cost its child no memory, and nobody else anything`, async () => {
    await using server = await startServer();
    await using other = await connect(server.port);
    await using client = await connect(server.port);
    const { pid } = await server.event("serving", ({ remotePort }) => remotePort === client.port);
    const random = randomInput(SEED);
    const junk = longInput(random, false) + "\xff\xfa" + "x".repeat(500_000) + "\xff\xf0";
    let peak = 0;
    for (let sent = 0; sent < JUNK; sent += junk.length) {
      await client.send(junk);
      peak = Math.max(peak, readMemory(pid).private);
      if (client.received.length > 1e6) await client.read(client.received.length);
    }
    await expectServed(other);
    client.halfClose();
    expect((await client.readToEnd()).end).toBe("clean");
    other.close();
    await expectAllWell(server, 2);
    expect(peak).toBeLessThan(MOST_MEMORY);
  });

  // As JSON a control character could not show: its own escapes would hide that ours are missing.
  for (const [log, ended] of [
    ["pretty", "ended: client left"],
    ["tutorial", "client connection broken"],
  ] as const) {
    test(`--log ${log} shows whatever comes, and no control character of it`, async () => {
      await using server = await startServer({ log });
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
