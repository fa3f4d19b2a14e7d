/** What a session has time for. A child keeps that by itself; the master sees to one that cannot. */
import { afterEach, describe, expect, setSystemTime, test } from "bun:test";
import { handleChildMessage } from "../../../server/session/child-messages.ts";
import { createRooms } from "../../../server/session/rooms.ts";
import type { SessionState } from "../../../server/session/state.ts";
import type { Deadlines, Session } from "../../../server/session/table.ts";
import { WATCHDOG_INTERVAL_MS, overdue, createWatchdog } from "../../../server/session/watchdog.ts";
import { type Client, connect } from "../../harness/connect.ts";
import { freeze, isRunning } from "../../harness/processes.ts";
import { type Flags, type Server, startServer } from "../../harness/server.ts";
import { readStatus } from "../../harness/status.ts";
import { until, untilStill } from "../../harness/until.ts";
import { expectServed } from "../child/served.ts";
import type { Phase } from "../../../shared/outcome.ts";

/** The end of this client's session. */
function endOf(server: Server, client: Client) {
  return server.event("ended", ({ remotePort }) => remotePort === client.port);
}

/** The pid of the child that serves this client. */
async function childOf(server: Server, client: Client): Promise<number> {
  return (await server.event("serving", ({ remotePort }) => remotePort === client.port)).pid;
}

/** Reads nothing, and sends to a service that echoes until nobody takes any more. */
async function beDeaf(client: Client): Promise<void> {
  client.pause();
  let sent = 0;
  await untilStill(() => (sent += client.sendSome("x".repeat(1 << 20))), "what is taken");
}

describe("--first-byte-timeout", () => {
  test("ends a client that says nothing, and none that has said one byte", async () => {
    await using server = await startServer({ firstByteTimeout: "300ms" });
    await using spoken = await connect(server.port);
    await spoken.send("t");
    await using silent = await connect(server.port);
    expect(await silent.readToEnd()).toEqual({ text: "", end: "clean" });
    const ended = await endOf(server, silent);
    expect(ended).toMatchObject({ reason: "no first byte", exitCode: 0, bytesIn: 0 });
    // As long again, and again, for the one that has begun.
    for (let i = 0; i < 2; i += 1) {
      await using next = await connect(server.port);
      await next.readToEnd();
    }
    await spoken.send("ime\n");
    expect(await spoken.readUntil("\n")).toMatch(/^[\d/]{10} [\d:]{8}\n$/);
    expect(server.events("overdue")).toEqual([]);
  });

  test("counts a byte of which the service makes nothing", async () => {
    await using server = await startServer({ firstByteTimeout: "300ms" });
    await using odd = await connect(server.port);
    await odd.send("\xff");
    for (let i = 0; i < 2; i += 1) {
      await using silent = await connect(server.port);
      await silent.readToEnd();
      expect(await endOf(server, silent)).toMatchObject({ reason: "no first byte" });
    }
    expect(await readStatus(server)).toMatchObject({ live: 1 });
  });

  test("leaves a client its time that is silent later", async () => {
    const flags = { firstByteTimeout: "200ms", idleTimeout: "1s" };
    await using server = await startServer(flags);
    await using client = await connect(server.port);
    await expectServed(client);
    expect(await client.readToEnd()).toEqual({ text: "", end: "clean" });
    expect(await endOf(server, client)).toMatchObject({ reason: "idle", exitCode: 0 });
  });
});

describe("--max-session", () => {
  test("ends a client that is busy all the time", async () => {
    await using server = await startServer({ maxSession: "2s", idleTimeout: "1h" });
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
    await using server = await startServer({ maxSession: "200ms" });
    await using client = await connect(server.port);
    expect(await client.readToEnd()).toEqual({ text: "", end: "clean" });
    expect(await endOf(server, client)).toMatchObject({ reason: "session too long" });
  });

  test("ends a client that asks on and on and reads nothing", async () => {
    await using server = await startServer({ maxSession: "2s", service: "echo" });
    await using client = await connect(server.port);
    await beDeaf(client);
    // The child waits for its client's window, but not for ever.
    expect(await endOf(server, client)).toMatchObject({ reason: "session too long", exitCode: 0 });
    expect(server.events("overdue")).toEqual([]);
  });
});

describe("a child that cannot keep its deadline is made to", () => {
  /** Freezes the child of one client, and sees it end while `other` is served all the time. */
  async function expectMadeTo(flags: Flags, phase: Phase, otherStays: boolean): Promise<void> {
    await using server = await startServer({ maxClients: 2, ...flags });
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
    while (server.events("ended").length === 0) await expectServed(client);
  }

  /** Its client is deaf, so that it waits with the last reply. */
  async function expectMadeToLeave(): Promise<void> {
    await using server = await startServer({ service: "echo", idleTimeout: "2s" });
    await using deaf = await connect(server.port);
    const pid = await childOf(server, deaf);
    await beDeaf(deaf);
    const states = async () => {
      const list = (await (await fetch(`${server.url}api/children`)).json()) as { state: string }[];
      return list.map(({ state }) => state);
    };
    await until(async () => (await states()).includes("leaving"), "it takes leave");
    await freeze(pid);
    expect(await server.event("overdue")).toMatchObject({ phase: "leave", pid });
    expect(await endOf(server, deaf)).toMatchObject({ reason: "stuck", signal: "SIGKILL" });
  }

  test("in each phase, and nobody else is hurt", async () => {
    await Promise.all([
      expectMadeTo({ maxSession: "2s" }, "session", false),
      expectMadeTo({ firstByteTimeout: "2s" }, "first byte", true),
      expectMadeTo({ idleTimeout: "2s" }, "idle", true),
      expectMadeToLeave(),
    ]);
  });
});

describe("who is overdue", () => {
  afterEach(() => void setSystemTime());

  const NONE: Deadlines = { firstByteTimeout: 0, idleTimeout: 0, maxSession: 0 };
  const DAY = 24 * 3_600_000;
  const LEAVING: SessionState = { name: "leaving", reason: "quit" };
  /** What the master gives a child beyond its own deadline. */
  const SLACK = 5000;

  /** A session that began at 0. */
  function madeUp(session: Partial<Session>): Session {
    return {
      state: { name: "serving" },
      clock: { started: 0, active: 0 },
      bytesIn: 0,
      deadlines: NONE,
      condemned: null,
      messages: 0,
      mute: false,
      process: { connected: true, exitCode: null, signalCode: null },
      ...session,
    } as Session;
  }

  for (const [what, session, phase, deadline] of [
    ["does not begin to serve", { state: { name: "starting" } }, "start", 20_000],
    ["does not end its leave", { state: LEAVING }, "leave", 20_000],
    ["serves on", { deadlines: { ...NONE, maxSession: 100 } }, "session", 100 + SLACK],
    ["hears nothing", { deadlines: { ...NONE, firstByteTimeout: 100 } }, "first byte", 100 + SLACK],
    ["hears no more", { deadlines: { ...NONE, idleTimeout: 100 }, bytesIn: 1 }, "idle", 5100],
  ] as [string, Partial<Session>, Phase, number][]) {
    test(`a child that ${what} is late in the phase "${phase}" after ${deadline} ms`, () => {
      expect(overdue(madeUp(session), deadline)).toBeNull();
      expect(overdue(madeUp(session), deadline + 1)).toEqual({ phase, ms: deadline + 1 });
    });
  }

  test("a child without deadlines may serve for ever", () => {
    expect(overdue(madeUp({}), DAY)).toBeNull();
  });

  test("what a client says puts off the idle deadline, and no other", () => {
    const deadlines = { firstByteTimeout: 100, idleTimeout: 100, maxSession: 0 };
    const active = { clock: { started: 0, active: DAY }, bytesIn: 1 };
    expect(overdue(madeUp({ ...active, deadlines }), DAY + SLACK)).toBeNull();
    const capped = { ...deadlines, maxSession: 100 };
    expect(overdue(madeUp({ ...active, deadlines: capped }), DAY)?.phase).toBe("session");
    const starting = madeUp({ ...active, deadlines, state: { name: "starting" } });
    expect(overdue(starting, DAY)?.phase).toBe("start");
  });

  test("only its leave is looked at when a child takes leave, and its start when it starts", () => {
    const deadlines = { firstByteTimeout: 1, idleTimeout: 1, maxSession: 1 };
    expect(overdue(madeUp({ deadlines, state: LEAVING }), 10_000)).toBeNull();
    expect(overdue(madeUp({ deadlines, state: { name: "starting" } }), 10_000)).toBeNull();
    expect(overdue(madeUp({ deadlines }), 10_000)).not.toBeNull();
  });

  test("a child may take all the time of its leave, one part after the other", () => {
    const [lastReplies, linger, lastHandler, serviceLeave] = [10_000, 500, 2000, 5000];
    const leaving = madeUp({ state: LEAVING });
    expect(
      overdue(leaving, lastReplies + linger + lastHandler + serviceLeave + WATCHDOG_INTERVAL_MS),
    ).toBeNull();
  });

  test("a child that takes leave wins no time by going on to talk", () => {
    const session = madeUp({});
    const news = { bytesIn: 1, bytesOut: 1, requests: [], more: 0 };
    const say = (message: object) => {
      const { active } = session.clock;
      expect(
        handleChildMessage(session, message, createRooms({ send() {}, broken() {} }), () => {}),
      ).toBe(true);
      return session.clock.active > active;
    };
    expect(say({ type: "report", ...news })).toBe(true);
    expect(say({ type: "report", ...news })).toBe(true);
    expect(say({ type: "leaving", reason: "left", ...news })).toBe(true);
    expect(say({ type: "report", ...news })).toBe(false);
    expect(say({ type: "leaving", reason: "quit", ...news })).toBe(false);
    const { active } = session.clock;
    expect(overdue(session, active + 20_001)).toEqual({
      phase: "leave",
      ms: expect.closeTo(20_001),
    });
  });

  describe("by the master's look", () => {
    /** Looks at one session at each of these times, in ms since it began; tells at which it was stuck. */
    function stuckAt(session: Session, times: number[]): number[] {
      const found: number[] = [];
      let now = 0;
      const watching = {
        stuck(late: Session) {
          found.push(now);
          late.condemned = "stuck";
        },
        misbehaved: (_: Session, how: string) => expect(how).toBe("nothing"),
      };
      const look = createWatchdog(watching, 0);
      for (now of times) look([session], now);
      return found;
    }

    const late = { deadlines: { ...NONE, maxSession: 100 } };
    const onTime = (count: number) =>
      Array.from({ length: count }, (_, i) => (i + 1) * WATCHDOG_INTERVAL_MS);

    test("is found once", () => {
      expect(stuckAt(madeUp(late), onTime(10))).toEqual([6000]);
    });

    test("is not found by a clock that was set meanwhile", () => {
      const clock = { started: performance.now(), active: performance.now() };
      const session = madeUp({ clock, deadlines: { ...NONE, idleTimeout: 1, maxSession: 1 } });
      const stuck: Session[] = [];
      const look = createWatchdog({ stuck: (late) => void stuck.push(late), misbehaved() {} });
      for (const hours of [1, 2, -3]) {
        setSystemTime(Date.now() + hours * 3_600_000);
        for (let i = 0; i < 3; i += 1) look([session]);
      }
      expect(stuck).toEqual([]);
    });

    test("one that is condemned already is left alone", () => {
      expect(stuckAt(madeUp({ ...late, condemned: "misbehaved" }), onTime(10))).toEqual([]);
    });

    test("a look that was held up condemns nobody, the next one does", () => {
      expect(stuckAt(madeUp(late), [1000, 60_000, 61_000])).toEqual([61_000]);
      expect(stuckAt(madeUp(late), [1000, 60_000, 70_000, 80_000])).toEqual([]);
    });

    test("a look that was held up holds no number of messages against a child", () => {
      const session = madeUp({ messages: 100_000 });
      expect(stuckAt(session, [60_000])).toEqual([]);
      expect(session.messages).toBe(0);
    });
  });
});
