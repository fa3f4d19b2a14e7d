/**
 * Which clients get a child: the checks in their order, and what each of
 * them remembers of a source.
 */
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

const ADMISSIBLE: Candidate = {
  remoteAddress: "10.1.2.3",
  shutOutMs: 0,
  rateWaitMs: 0,
  liveFromSource: 0,
  live: 0,
};

function reasonToRefuse(client: Partial<Candidate>) {
  return admit({ ...ADMISSIBLE, ...client }, LIMITS);
}

test("a client is admitted while there is room", () => {
  expect(reasonToRefuse({})).toBeNull();
  expect(reasonToRefuse({ liveFromSource: 1, live: 2 })).toBeNull();
});

test("each check has its own reason, and the first one that fails decides", () => {
  const failing: [Partial<Candidate>, string][] = [
    [{ remoteAddress: "10.6.6.6" }, "address not allowed"],
    [{ shutOutMs: 1 }, "source is penalized"],
    [{ rateWaitMs: 1 }, "too many new clients from this source"],
    [{ liveFromSource: 2 }, "too many clients from this source"],
    [{ live: 3 }, "too many clients"],
  ];
  let client: Partial<Candidate> = {};
  for (const [failure, reason] of failing.toReversed()) {
    client = { ...client, ...failure };
    expect(reasonToRefuse(failure)).toBe(reason as never);
    expect(reasonToRefuse(client)).toBe(reason as never);
  }
});

test("an address not in --allow is refused, and --deny wins over --allow", () => {
  expect(reasonToRefuse({ remoteAddress: "192.0.2.1" })).toBe("address not allowed");
  expect(reasonToRefuse({ remoteAddress: "fd00::1" })).toBeNull();
  expect(reasonToRefuse({ remoteAddress: "fe80::1%eth0" })).toBe("address not allowed");
  expect(reasonToRefuse({ remoteAddress: "10.6.6.255" })).toBe("address not allowed");
  expect(reasonToRefuse({ remoteAddress: "10.6.7.0" })).toBeNull();
});

describe("--rate", () => {
  const RATE = { count: 3, periodMs: 60_000 };

  test("admits a burst, then one client for each share of the period", () => {
    const limit = createRateLimit();
    for (let i = 0; i < 3; i += 1) {
      expect(limit.waitMs("a", RATE, 1000)).toBeLessThanOrEqual(0);
      limit.count("a", RATE, 1000);
    }
    expect(limit.waitMs("a", RATE, 1000)).toBe(20_000);
    expect(limit.waitMs("b", RATE, 1000)).toBeLessThanOrEqual(0);
    expect(limit.waitMs("a", RATE, 20_999)).toBe(1);
    expect(limit.waitMs("a", RATE, 21_000)).toBe(0);
  });

  test("recovers with time, however often clients were refused meanwhile", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5000 })), (pausesMs) => {
        const limit = createRateLimit();
        let now = 0;
        const admitted: number[] = [];
        for (const pause of pausesMs) {
          now += pause;
          if (limit.waitMs("a", RATE, now) > 0) continue;
          limit.count("a", RATE, now);
          admitted.push(now);
        }
        // Never as many as twice the count in one period; after a period all is forgotten.
        for (const at of admitted) {
          const inPeriod = admitted.filter((other) => other >= at && other < at + RATE.periodMs);
          expect(inPeriod.length).toBeLessThanOrEqual(2 * RATE.count - 1);
        }
        expect(limit.waitMs("a", RATE, now + RATE.periodMs)).toBeLessThanOrEqual(0);
      }),
    );
  });

  test("what was counted under a stricter rate is worth at most a full burst of the new one", () => {
    const limit = createRateLimit();
    limit.count("a", { count: 1, periodMs: 3_600_000 }, 0);
    expect(limit.waitMs("a", { count: 10, periodMs: 1000 }, 0)).toBe(100);
    expect(limit.waitMs("a", { count: 10, periodMs: 1000 }, 3_599_100)).toBeLessThanOrEqual(0);
  });
});

describe("--penalty", () => {
  const PENALTY = 10_000;

  test("shuts a source out from its third offence on, and no other source", () => {
    const penalties = createPenalties();
    for (const now of [0, 1000]) {
      penalties.onEnded("a", "crashed", PENALTY, now);
      expect(penalties.shutOutMs("a", PENALTY, now)).toBeLessThanOrEqual(0);
    }
    penalties.onEnded("a", "stuck", PENALTY, 2000);
    expect(penalties.shutOutMs("a", PENALTY, 2000)).toBe(8000);
    expect(penalties.shutOutMs("b", PENALTY, 2000)).toBeLessThanOrEqual(0);
    expect(penalties.shutOutMs("a", PENALTY, 10_000)).toBe(0);
  });

  test("is only for offences of the client: not for a kill, an idle timeout or leaving", () => {
    const penalties = createPenalties();
    const innocent = ["killed by operator", "killed by signal", "idle", "quit", "client reset"];
    for (let i = 0; i < 10; i += 1) {
      for (const reason of innocent) penalties.onEnded("a", reason as never, PENALTY, 0);
    }
    expect(penalties.shutOutMs("a", PENALTY, 0)).toBeLessThanOrEqual(0);
  });

  test("never lasts longer than ten minutes", () => {
    const penalties = createPenalties();
    for (let i = 0; i < 1000; i += 1) penalties.onEnded("a", "crashed", PENALTY, 0);
    expect(penalties.shutOutMs("a", PENALTY, 0)).toBe(600_000);
    // What was added under a longer --penalty is bounded too.
    for (let i = 0; i < 1000; i += 1) penalties.onEnded("b", "crashed", 3_600_000, 0);
    expect(penalties.shutOutMs("b", PENALTY, 0)).toBe(600_000);
  });
});

test("a full expiry map drops times that have passed, then those set longest ago", () => {
  const times = createExpiryMap(100);
  times.set("past", 5, 0);
  for (let i = 0; i < 99; i += 1) times.set(`s${i}`, 1000 + i, 10);
  times.set("one more", 2000, 10);
  expect(times.get("past")).toBe(0);
  expect(times.get("s0")).toBe(0);
  expect(times.get("s98")).toBe(1098);
  expect(times.get("one more")).toBe(2000);
});
