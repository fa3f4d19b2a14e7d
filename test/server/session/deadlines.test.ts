/** The deadlines of a session. A child enforces its own; the master ends a child that cannot. */
import { afterEach, describe, expect, setSystemTime, test } from "bun:test";
import { handleChildMessage } from "../../../server/session/child-messages.ts";
import { createRooms } from "../../../server/session/rooms.ts";
import type { SessionState, TerminationCause } from "../../../server/session/state.ts";
import type { Deadlines, Session } from "../../../server/session/session.ts";
import { WATCHDOG_INTERVAL_MS, overdue, createWatchdog } from "../../../server/session/watchdog.ts";
import { type Client, connect } from "../../harness/connect.ts";
import { freeze, isRunning } from "../../harness/processes.ts";
import {
  type Flags,
  type Server,
  startServer,
  startServerWithoutPage,
} from "../../harness/server.ts";
import { readStatus } from "../../harness/status.ts";
import { until, untilStill } from "../../harness/until.ts";
import { expectServed } from "../child/served.ts";
import type { Phase } from "../../../shared/outcome.ts";

/** The end of this client's session. */
function endOf(server: Server, client: Client) {
  return server.event("ended", ({ remotePort }) => remotePort === client.port);
}

/** The PID of the child that serves this client. */
async function childOf(server: Server, client: Client): Promise<number> {
  return (await server.event("serving", ({ remotePort }) => remotePort === client.port)).pid;
}

/** Reads nothing, and sends to an echo service until no more is taken. */
async function beDeaf(client: Client): Promise<void> {
  client.pause();
  let sent = 0;
  await untilStill(() => (sent += client.sendSome("x".repeat(1 << 20))), "what was taken");
}

describe("--first-byte-timeout", () => {
  test("ends a client that sends nothing, and none that has sent one byte", async () => {
    await using server = await startServerWithoutPage({ firstByteTimeout: "1500ms" });
    await using active = await connect(server.port);
    await active.send("t");
    await using silent = await connect(server.port);
    expect(await silent.readToEnd()).toEqual({ text: "", end: "clean" });
    const ended = await endOf(server, silent);
    expect(ended).toMatchObject({ reason: "no first byte", exitCode: 0, bytesIn: 0 });
    // Twice as long again for the client that has sent something.
    for (let i = 0; i < 2; i += 1) {
      await using next = await connect(server.port);
      await next.readToEnd();
    }
    await active.send("ime\n");
    expect(await active.readUntil("\n")).toMatch(/^[\d/]{10} [\d:]{8}\n$/);
    expect(server.events("overdue")).toEqual([]);
  });

  test("is met by a byte that the service ignores", async () => {
    await using server = await startServer({ firstByteTimeout: "1500ms" });
    await using odd = await connect(server.port);
    await odd.send("\xff");
    for (let i = 0; i < 2; i += 1) {
      await using silent = await connect(server.port);
      await silent.readToEnd();
      expect(await endOf(server, silent)).toMatchObject({ reason: "no first byte" });
    }
    expect(await readStatus(server)).toMatchObject({ live: 1 });
  });

  test("does not end a client that becomes silent later", async () => {
    const flags = { firstByteTimeout: "1s", idleTimeout: "3s" };
    await using server = await startServerWithoutPage(flags);
    await using client = await connect(server.port);
    await expectServed(client);
    expect(await client.readToEnd()).toEqual({ text: "", end: "clean" });
    expect(await endOf(server, client)).toMatchObject({ reason: "idle", exitCode: 0 });
  });
});

describe("--max-session", () => {
  test("ends a client that is busy all the time", async () => {
    await using server = await startServerWithoutPage({ maxSession: "2s", idleTimeout: "1h" });
    await using client = await connect(server.port);
    let served = 0;
    const busy = async () => {
      for (; ; served += 1) await expectServed(client);
    };
    await expect(busy()).rejects.toThrow(/the connection ended|reset with/);
    expect(served).toBeGreaterThan(0);
    expect(await endOf(server, client)).toMatchObject({ reason: "session too long", exitCode: 0 });
    expect(server.events("overdue")).toEqual([]);
  });

  test("ends a client that is silent", async () => {
    await using server = await startServerWithoutPage({ maxSession: "200ms" });
    await using client = await connect(server.port);
    expect(await client.readToEnd()).toEqual({ text: "", end: "clean" });
    expect(await endOf(server, client)).toMatchObject({ reason: "session too long" });
  });

  test("ends a client that keeps sending and reads nothing", async () => {
    await using server = await startServerWithoutPage({ maxSession: "2s", service: "echo" });
    await using client = await connect(server.port);
    await beDeaf(client);
    // The child waits for its client's receive window to open, but not forever.
    expect(await endOf(server, client)).toMatchObject({ reason: "session too long", exitCode: 0 });
    expect(server.events("overdue")).toEqual([]);
  });
});

describe("a child that cannot enforce its deadline is ended by the master", () => {
  /**
   * Freezes the child of one client, and expects it to end while `other` is served all the time.
   */
  async function expectEnded(flags: Flags, phase: Phase, otherStays: boolean): Promise<void> {
    await using server = await startServerWithoutPage({ maxClients: 2, ...flags });
    await using stuck = await connect(server.port);
    await using other = await connect(server.port);
    const pid = await childOf(server, stuck);
    await freeze(pid);
    const talk = otherStays ? keepTalking(server, other) : endOf(server, other);

    const overdue = await server.event("overdue", (event) => event.pid === pid);
    expect(overdue).toMatchObject({ phase, remotePort: stuck.port, ms: expect.any(Number) });
    expect(await endOf(server, stuck)).toMatchObject({ pid, reason: "stuck", signal: "SIGKILL" });
    expect(await server.event("signal outcome")).toMatchObject({
      pid,
      by: "the master",
      sent: ["TERM", "KILL"],
      outcome: "gone",
    });
    const sent = server.events("signal sent").map(({ signal, by }) => ({ signal, by }));
    expect(sent).toEqual([
      { signal: "TERM", by: "the master" },
      { signal: "KILL", by: "the master" },
    ]);
    expect(server.events("overdue")).toHaveLength(1);
    expect(isRunning(pid)).toBe(false);
    await stuck.readToEnd();
    await talk;
    if (otherStays) await expectServed(other);
    else expect(await endOf(server, other)).toMatchObject({ exitCode: 0 });

    await using next = await connect(server.port);
    await expectServed(next);
  }

  async function keepTalking(server: Server, client: Client): Promise<void> {
    await until(async () => {
      await expectServed(client);
      return server.events("ended").length > 0;
    }, "the other client's session has ended");
  }

  /** The client reads nothing, so the child waits with its last reply. */
  async function expectEndedWhileLeaving(): Promise<void> {
    await using server = await startServer({ service: "echo", idleTimeout: "2s" });
    await using deaf = await connect(server.port);
    const pid = await childOf(server, deaf);
    await beDeaf(deaf);
    const states = async () => {
      const list = (await (await fetch(`${server.url}api/children`)).json()) as { state: string }[];
      return list.map(({ state }) => state);
    };
    await until(async () => (await states()).includes("leaving"), "the child is leaving");
    await freeze(pid);
    expect(await server.event("overdue")).toMatchObject({ phase: "leave", pid });
    expect(await endOf(server, deaf)).toMatchObject({ reason: "stuck", signal: "SIGKILL" });
  }

  test("in each phase, and no other client is affected", async () => {
    await Promise.all([
      expectEnded({ maxSession: "2s" }, "session", false),
      expectEnded({ firstByteTimeout: "2s" }, "first byte", true),
      expectEnded({ idleTimeout: "2s" }, "idle", true),
      expectEndedWhileLeaving(),
    ]);
  });
});

describe("which child is overdue", () => {
  afterEach(() => void setSystemTime());

  const NONE: Deadlines = { firstByteTimeoutMs: 0, idleTimeoutMs: 0, maxSessionMs: 0 };
  const DAY_MS = 24 * 3_600_000;
  const LEAVING: SessionState = { name: "leaving", reason: "quit" };
  /** How much later than the child the master enforces a deadline. */
  const SLACK_MS = 5000;

  interface Circumstances {
    state?: SessionState;
    deadlines?: Deadlines;
    startedMonotonicMs?: number;
    lastActiveMonotonicMs?: number;
    bytesIn?: number;
    terminationCause?: TerminationCause;
  }

  /** A session that serves, began at 0, and has no deadlines, except as given. */
  function newSession({
    state = { name: "serving" },
    deadlines = NONE,
    startedMonotonicMs = 0,
    lastActiveMonotonicMs = startedMonotonicMs,
    bytesIn = 0,
    terminationCause,
  }: Circumstances): Session {
    return {
      state,
      deadlines,
      startedMonotonicMs,
      child: { pid: 7, process: { channel: { isOpen: true }, isReaped: false } },
      reported: { lastActiveMonotonicMs, bytesIn },
      signals: { terminationCause: terminationCause ?? null },
      watchdog: { wasDisconnected: false },
    } as unknown as Session;
  }

  for (const [what, circumstances, phase, deadlineMs] of [
    ["does not begin to serve", { state: { name: "starting" } }, "start", 20_000],
    ["does not finish leaving", { state: LEAVING }, "leave", 20_000],
    ["keeps serving", { deadlines: { ...NONE, maxSessionMs: 100 } }, "session", 100 + SLACK_MS],
    [
      "gets no byte",
      { deadlines: { ...NONE, firstByteTimeoutMs: 100 } },
      "first byte",
      100 + SLACK_MS,
    ],
    [
      "gets no more bytes",
      { deadlines: { ...NONE, idleTimeoutMs: 100 }, bytesIn: 1 },
      "idle",
      100 + SLACK_MS,
    ],
  ] as [string, Circumstances, Phase, number][]) {
    test(`a child that ${what} is overdue in the phase "${phase}" after ${deadlineMs} ms`, () => {
      const session = newSession(circumstances);
      expect(overdue(session, deadlineMs)).toBeNull();
      expect(overdue(session, deadlineMs + 1)).toEqual({ phase, ms: deadlineMs + 1 });
    });
  }

  test("a child without deadlines may serve forever", () => {
    expect(overdue(newSession({}), DAY_MS)).toBeNull();
  });

  test("what a client sends postpones the idle deadline, and no other", () => {
    const deadlines = { firstByteTimeoutMs: 100, idleTimeoutMs: 100, maxSessionMs: 0 };
    const active = { lastActiveMonotonicMs: DAY_MS, bytesIn: 1 };
    expect(overdue(newSession({ ...active, deadlines }), DAY_MS + SLACK_MS)).toBeNull();
    const capped = { ...deadlines, maxSessionMs: 100 };
    const old = newSession({ ...active, deadlines: capped });
    expect(overdue(old, DAY_MS)?.phase).toBe("session");
    const starting = newSession({ ...active, deadlines, state: { name: "starting" } });
    expect(overdue(starting, DAY_MS)?.phase).toBe("start");
  });

  test("a child that starts or leaves has the deadline of that phase only", () => {
    const deadlines = { firstByteTimeoutMs: 1, idleTimeoutMs: 1, maxSessionMs: 1 };
    expect(overdue(newSession({ deadlines, state: LEAVING }), 10_000)).toBeNull();
    expect(overdue(newSession({ deadlines, state: { name: "starting" } }), 10_000)).toBeNull();
    expect(overdue(newSession({ deadlines }), 10_000)).not.toBeNull();
  });

  test("a child may use all of its time to leave, one part after the other", () => {
    const [lastRepliesMs, lingerMs, lastHandlerMs, serviceLeaveMs] = [10_000, 500, 2000, 5000];
    const allMs = lastRepliesMs + lingerMs + lastHandlerMs + serviceLeaveMs;
    const leaving = newSession({ state: LEAVING });
    expect(overdue(leaving, allMs + WATCHDOG_INTERVAL_MS)).toBeNull();
  });

  test("a child that is leaving gains no time by sending more", () => {
    const session = newSession({});
    const activity = { bytesIn: 1, bytesOut: 1, requests: [], unlisted: 0 };
    const postpones = (message: object) => {
      const before = session.reported.lastActiveMonotonicMs;
      const rooms = createRooms(() => null);
      expect(handleChildMessage(session, message, rooms, () => {})).toBe(true);
      return session.reported.lastActiveMonotonicMs > before;
    };
    expect(postpones({ type: "report", ...activity })).toBe(true);
    expect(postpones({ type: "report", ...activity })).toBe(true);
    expect(postpones({ type: "leaving", reason: "left", ...activity })).toBe(true);
    expect(postpones({ type: "report", ...activity })).toBe(false);
    expect(postpones({ type: "leaving", reason: "quit", ...activity })).toBe(false);
    expect(overdue(session, session.reported.lastActiveMonotonicMs + 20_001)).toEqual({
      phase: "leave",
      ms: expect.closeTo(20_001),
    });
  });

  describe("as found by the watchdog", () => {
    /**
     * Checks one session at each of these times, in ms since it began. Returns
     * when it was found overdue.
     */
    function overdueAt(session: Session, times: number[]): number[] {
      const found: number[] = [];
      let nowMs = 0;
      const actions = {
        overdue(late: Session) {
          found.push(nowMs);
          late.signals.terminationCause = "stuck";
        },
        misbehaved: (_: Session, offence: string) => expect(offence).toBe("nothing"),
      };
      const check = createWatchdog(actions, 0);
      for (nowMs of times) check([session], nowMs);
      return found;
    }

    const late = { deadlines: { ...NONE, maxSessionMs: 100 } };
    const onTime = (count: number) =>
      Array.from({ length: count }, (_, i) => (i + 1) * WATCHDOG_INTERVAL_MS);

    test("it is found once", () => {
      expect(overdueAt(newSession(late), onTime(10))).toEqual([6000]);
    });

    test("it is not found because the clock was changed", () => {
      const startedMonotonicMs = performance.now();
      const deadlines = { ...NONE, idleTimeoutMs: 1, maxSessionMs: 1 };
      const session = newSession({ startedMonotonicMs, deadlines });
      const found: Session[] = [];
      const check = createWatchdog({ overdue: (one) => void found.push(one), misbehaved() {} });
      for (const hours of [1, 2, -3]) {
        setSystemTime(Date.now() + hours * 3_600_000);
        for (let i = 0; i < 3; i += 1) check([session]);
      }
      expect(found).toEqual([]);
    });

    test("one that is being terminated already is left alone", () => {
      expect(
        overdueAt(newSession({ ...late, terminationCause: "misbehaved" }), onTime(10)),
      ).toEqual([]);
    });

    test("a check that was held up ends nobody, the next one does", () => {
      expect(overdueAt(newSession(late), [1000, 60_000, 61_000])).toEqual([61_000]);
      expect(overdueAt(newSession(late), [1000, 60_000, 70_000, 80_000])).toEqual([]);
    });

    test("a child that has closed its channel misbehaves from the second check on, unless it has ended", () => {
      const offences: string[] = [];
      const check = createWatchdog(
        { overdue() {}, misbehaved: (_, offence) => void offences.push(offence) },
        0,
      );
      const child = { channel: { isOpen: true }, isReaped: false };
      const session = {
        ...newSession({}),
        child: { pid: 7, process: child },
      } as unknown as Session;
      check([session], 1000);
      child.channel.isOpen = false;
      check([session], 2000);
      expect(offences).toEqual([]);
      child.isReaped = true;
      check([session], 3000);
      expect(offences).toEqual([]);
      child.isReaped = false;
      check([session], 4000);
      expect(offences).toEqual(["closed its channel to the master"]);
    });
  });
});
