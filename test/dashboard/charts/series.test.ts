/** The series behind the charts: measured every second, in fixed memory, coarser the longer ago. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createHistogram, logBounds } from "../../../dashboard/charts/histogram.ts";
import { createRing, type Ring } from "../../../dashboard/charts/ring.ts";
import type { SeriesPoints } from "../../../dashboard/charts/series.ts";
import { connect } from "../../harness/connect.ts";
import { freeze } from "../../harness/processes.ts";
import { type Server, startServer } from "../../harness/server.ts";
import { until } from "../../harness/until.ts";
import { connectManyServed } from "../../harness/served-client.ts";
import { request } from "../request.ts";
import { REFUSE_REASONS } from "../../../shared/outcome.ts";

async function points(server: Server, query = ""): Promise<SeriesPoints> {
  const { status, headers, text } = await request(server, `api/series${query}`);
  expect(status).toBe(200);
  expect(headers.get("cache-control")).toBe("no-store");
  return JSON.parse(text) as SeriesPoints;
}

/** Returns the known values of one series. */
function known({ series }: SeriesPoints, name: string): number[] {
  return (series[name] ?? []).filter((value) => value !== null);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

describe("GET /api/series", () => {
  test("clients are counted in the second in which they connect, are refused or leave", async () => {
    await using server = await startServer({ maxClients: 3 });
    await using servedClients = await connectManyServed(server, 3);
    for (const served of servedClients.all) await served.askTime();
    await using refused = await connect(server.port);
    await refused.readToEnd();
    for (const served of servedClients.all.slice(1)) await served.quit();

    const happened = ["accepted", "ended", "refused: too many clients"];
    const result = await until(async () => {
      const result = await points(server);
      const areCounted = happened.every((name) => sum(known(result, name)) > 0);
      return areCounted && known(result, "live").at(-1) === 1 && result;
    }, "all three are counted, and one client is left");
    expect(sum(known(result, "refused: too many clients from this source"))).toBe(0);
    expect(Math.max(...known(result, "live"))).toBeLessThanOrEqual(3);
    const [p50 = 0] = known(result, "firstReplyP50");
    const [p99 = 0] = known(result, "firstReplyP99");
    expect(p50).toBeGreaterThan(0);
    expect(p99).toBeGreaterThanOrEqual(p50);
    expect(Object.keys(result.series).filter((name) => name.startsWith("refused: "))).toEqual(
      REFUSE_REASONS.map((reason) => `refused: ${reason}`),
    );
  });

  test("the master's own usage is measured, with a point for each second", async () => {
    await using server = await startServer();
    const result = await until(async () => {
      const result = await points(server);
      return known(result, "cpu").length >= 3 && result;
    }, "three seconds are measured");
    expect(Math.max(...known(result, "resident"))).toBeGreaterThan(20e6);
    expect(Math.max(...known(result, "private"))).toBeLessThan(
      Math.max(...known(result, "resident")),
    );
    expect(Math.max(...known(result, "delayMax"))).toBeGreaterThan(0);
    expect(result.to - result.from).toBe(300_000);
    const steps = result.at.slice(1).map((at, index) => at - (result.at[index] ?? 0));
    expect(new Set(steps)).toEqual(new Set([1000]));
    for (const values of Object.values(result.series))
      expect(values).toHaveLength(result.at.length);
  });

  test("with `after`, only points from then on are sent; coarser ranges have coarser points", async () => {
    await using server = await startServer();
    const all = await until(async () => {
      const all = await points(server);
      return known(all, "live").length >= 2 && all;
    }, "two seconds are measured");
    const last = all.at.at(-1) ?? 0;
    const result = await points(server, `?range=5m&after=${last}`);
    expect(result.at[0]).toBe(last);
    expect(result.at.length).toBeLessThan(10);

    const hour = await points(server, "?range=1h");
    expect(hour.to - hour.from).toBe(3_600_000);
    expect((hour.at.at(-1) ?? 0) % 10_000).toBe(0);
    expect(known(hour, "live").length).toBeGreaterThan(0);
    const day = await points(server, "?range=1d");
    expect((day.at.at(-1) ?? 0) % 300_000).toBe(0);
    expect(known(day, "live").length).toBeGreaterThan(0);
    expect((await request(server, "api/series?after=x")).status).toBe(400);
    expect(await points(server, "?range=nonsense")).toEqual(
      expect.objectContaining({ at: expect.any(Array) }),
    );
  });

  test("a time in which the master was stopped is a gap, and shows as a delay", async () => {
    await using server = await startServer();
    await until(
      async () => known(await points(server), "live").length >= 2,
      "there are measurements",
    );
    await freeze(server.pid);
    const begin = Date.now();
    await until(() => Date.now() - begin > 3000, "three seconds pass");
    server.signal("SIGCONT");
    const result = await until(async () => {
      const result = await points(server);
      return Math.max(0, ...known(result, "delayMax")) > 2000 && result;
    }, "the delay is seen");
    const live = result.series.live ?? [];
    const first = live.findIndex((value) => value !== null);
    expect(live.slice(first, -1)).toContain(null);
  });
});

describe("a ring", () => {
  const read = (ring: Ring, after: number, to: number) => {
    const rows: [number, number[]][] = [];
    ring.read(after, to, (at, row) => rows.push([at, [...row]]));
    return rows;
  };

  test("keeps the mean, the maximum and the newest value of each step, and NaN for other steps", () => {
    const ring = createRing(10, 4, ["mean", "max", "newest"]);
    ring.put(100, new Float64Array([1, 1, 1]));
    ring.put(104, new Float64Array([2, 5, 7]));
    ring.put(109, new Float64Array([6, 3, 4]));
    ring.put(120, new Float64Array([8, Number.NaN, 8]));
    expect(read(ring, 99, 125)).toEqual([
      [100, [3, 5, 4]],
      [110, [Number.NaN, Number.NaN, Number.NaN]],
      [120, [8, Number.NaN, 8]],
    ]);
    expect(read(ring, 0, 140).map(([at]) => at)).toEqual([110, 120, 130, 140]);
  });

  test("shows no points of another time after the clock is set back or jumps ahead", () => {
    const ring = createRing(10, 4, ["mean"]);
    for (const at of [1000, 1010, 1020, 1030]) ring.put(at, new Float64Array([at]));
    ring.put(500, new Float64Array([500]));
    expect(read(ring, 460, 500).map(([, [value]]) => value)).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
      500,
    ]);
    expect(read(ring, 0, 9000).flatMap(([, row]) => row)).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
  });
});

test("a histogram's percentiles are within a bucket of the true ones", () => {
  const ratio = 1.05;
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.2, max: 60_000, noNaN: true }), { minLength: 1 }),
      fc.constantFrom(0.5, 0.9, 0.99, 1),
      (values, q) => {
        const histogram = createHistogram(logBounds(0.1, 120_000, ratio));
        for (const value of values) histogram.add(value);
        const sorted = values.toSorted((a, b) => a - b);
        const wanted = sorted[Math.ceil(q * values.length) - 1] ?? 0;
        const given = histogram.quantile(q);
        expect(given).toBeWithin(wanted / ratio, wanted * ratio);
        expect(histogram.total).toBe(values.length);
      },
    ),
  );
  expect(createHistogram([1]).quantile(0.5)).toBeNaN();
});
