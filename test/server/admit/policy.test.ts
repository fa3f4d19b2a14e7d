/** Who gets a child: the gates in their order, and what each of them remembers. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { admit, type Candidate } from "../../../server/admit/policy.ts";
import { parseOptions } from "../../../server/options/options.ts";
import { createPenalties } from "../../../server/admit/penalty.ts";
import { createRateLimit } from "../../../server/admit/rate.ts";
import { createExpiryMap } from "../../../server/admit/expiry-map.ts";

const LIMITS = parseOptions(
  ["--max-clients=3", "--max-per-source=2", "--deny=10.6.6.0/24", "--allow=10.0.0.0/8,fd00::/8"],
  {},
);

const WELCOME: Candidate = {
  remoteAddress: "10.1.2.3",
  shutOut: 0,
  tooSoon: 0,
  fromSource: 0,
  live: 0,
};

function asked(client: Partial<Candidate>) {
  return admit({ ...WELCOME, ...client }, LIMITS);
}

test("a client is admitted while there is room", () => {
  expect(asked({})).toBeNull();
  expect(asked({ fromSource: 1, live: 2 })).toBeNull();
});

test("each gate refuses for its own reason, the first one that is closed", () => {
  const closed: [Partial<Candidate>, string][] = [
    [{ remoteAddress: "10.6.6.6" }, "address not allowed"],
    [{ shutOut: 1 }, "source is penalized"],
    [{ tooSoon: 1 }, "too many new clients from this source"],
    [{ fromSource: 2 }, "too many clients from this source"],
    [{ live: 3 }, "too many clients"],
  ];
  let client: Partial<Candidate> = {};
  for (const [gate, reason] of closed.toReversed()) {
    client = { ...client, ...gate };
    expect(asked(gate)).toBe(reason as never);
    expect(asked(client)).toBe(reason as never);
  }
});

test("who is not on the list of the allowed is refused, and who is denied is so although allowed", () => {
  expect(asked({ remoteAddress: "192.0.2.1" })).toBe("address not allowed");
  expect(asked({ remoteAddress: "fd00::1" })).toBeNull();
  expect(asked({ remoteAddress: "fe80::1%eth0" })).toBe("address not allowed");
  expect(asked({ remoteAddress: "10.6.6.255" })).toBe("address not allowed");
  expect(asked({ remoteAddress: "10.6.7.0" })).toBeNull();
});

describe("--rate", () => {
  const RATE = { count: 3, periodMs: 60_000 };

  test("lets so many come at once, then one as soon as its share of the time is over", () => {
    const limit = createRateLimit();
    for (let i = 0; i < 3; i += 1) {
      expect(limit.tooSoon("a", RATE, 1000)).toBeLessThanOrEqual(0);
      limit.count("a", RATE, 1000);
    }
    expect(limit.tooSoon("a", RATE, 1000)).toBe(20_000);
    expect(limit.tooSoon("b", RATE, 1000)).toBeLessThanOrEqual(0);
    expect(limit.tooSoon("a", RATE, 20_999)).toBe(1);
    expect(limit.tooSoon("a", RATE, 21_000)).toBe(0);
  });

  test("heals by itself, however hard it was knocked at", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5000 })), (pauses) => {
        const limit = createRateLimit();
        let now = 0;
        const came: number[] = [];
        for (const pause of pauses) {
          now += pause;
          if (limit.tooSoon("a", RATE, now) > 0) continue;
          limit.count("a", RATE, now);
          came.push(now);
        }
        // Never more than twice the count in one period, and all is forgotten after one.
        for (const at of came) {
          const inPeriod = came.filter((other) => other >= at && other < at + RATE.periodMs);
          expect(inPeriod.length).toBeLessThanOrEqual(2 * RATE.count - 1);
        }
        expect(limit.tooSoon("a", RATE, now + RATE.periodMs)).toBeLessThanOrEqual(0);
      }),
    );
  });

  test("what was counted under a stricter rate weighs no more than all of the new one", () => {
    const limit = createRateLimit();
    limit.count("a", { count: 1, periodMs: 3_600_000 }, 0);
    expect(limit.tooSoon("a", { count: 10, periodMs: 1000 }, 0)).toBe(100);
    expect(limit.tooSoon("a", { count: 10, periodMs: 1000 }, 3_599_100)).toBeLessThanOrEqual(0);
  });
});

describe("--penalty", () => {
  const PENALTY = 10_000;

  test("shuts a source out from the third offence on, and no other", () => {
    const offences = createPenalties();
    for (const now of [0, 1000]) {
      offences.ended("a", "crashed", PENALTY, now);
      expect(offences.shutOut("a", PENALTY, now)).toBeLessThanOrEqual(0);
    }
    offences.ended("a", "stuck", PENALTY, 2000);
    expect(offences.shutOut("a", PENALTY, 2000)).toBe(8000);
    expect(offences.shutOut("b", PENALTY, 2000)).toBeLessThanOrEqual(0);
    expect(offences.shutOut("a", PENALTY, 10_000)).toBe(0);
  });

  test("is for what the client did alone: not for a kill, an idle hour or its own leave", () => {
    const offences = createPenalties();
    const innocent = ["killed by operator", "killed by signal", "idle", "quit", "client reset"];
    for (let i = 0; i < 10; i += 1) {
      for (const reason of innocent) offences.ended("a", reason as never, PENALTY, 0);
    }
    expect(offences.shutOut("a", PENALTY, 0)).toBeLessThanOrEqual(0);
  });

  test("never lasts longer than ten minutes", () => {
    const offences = createPenalties();
    for (let i = 0; i < 1000; i += 1) offences.ended("a", "crashed", PENALTY, 0);
    expect(offences.shutOut("a", PENALTY, 0)).toBe(600_000);
    // A shorter penalty from now on: what is left of the longer ones is still bounded.
    for (let i = 0; i < 1000; i += 1) offences.ended("b", "crashed", 3_600_000, 0);
    expect(offences.shutOut("b", PENALTY, 0)).toBe(600_000);
  });
});

test("of many sources the past ones are forgotten first, then the oldest, and no more are kept", () => {
  const times = createExpiryMap(100);
  times.set("past", 5, 0);
  for (let i = 0; i < 99; i += 1) times.set(`s${i}`, 1000 + i, 10);
  times.set("one more", 2000, 10);
  expect(times.get("past")).toBe(0);
  expect(times.get("s0")).toBe(0);
  expect(times.get("s98")).toBe(1098);
  expect(times.get("one more")).toBe(2000);
});
