import { expect, test } from "bun:test";
import { formatLocalTime, utcOffset } from "../../../server/channel/local-time.ts";

const NOON = Date.UTC(2003, 0, 2, 12, 4, 5);

test("the time has leading zeros, and 19 bytes", () => {
  const utc = { minutes: 0, until: Infinity };
  expect(formatLocalTime(utc, Date.UTC(2003, 0, 2, 3, 4, 5))).toBe("2003/01/02 03:04:05");
});

test("the offset is added, past the ends of days and years too", () => {
  const newfoundland = { minutes: -210, until: Infinity };
  const seoul = { minutes: 540, until: Infinity };
  expect(formatLocalTime(newfoundland, NOON)).toBe("2003/01/02 08:34:05");
  expect(formatLocalTime(seoul, Date.UTC(2003, 11, 31, 20))).toBe("2004/01/01 05:00:00");
});

/** Evaluates an expression in a process whose time zone is `zone`. */
async function inZone(zone: string, expression: string): Promise<unknown> {
  const module = JSON.stringify(import.meta.resolve("../../../server/channel/local-time.ts"));
  const script = `import { formatLocalTime, utcOffset } from ${module}; console.log(JSON.stringify(${expression}))`;
  const child = Bun.spawn([process.execPath, "-e", script], { env: { ...process.env, TZ: zone } });
  return JSON.parse(await new Response(child.stdout).text());
}

const SPRING = Date.UTC(2026, 2, 29, 1); // when clocks go forward in Berlin
const MINUTE = 60_000;

test("the offset is that of the zone, and valid for an hour", async () => {
  expect(await inZone("Asia/Seoul", `utcOffset(${NOON})`)).toEqual({
    minutes: 540,
    until: NOON + 60 * MINUTE,
  });
});

test("an offset that is about to change is already invalid", async () => {
  const before = SPRING - 20 * MINUTE;
  expect(await inZone("Europe/Berlin", `utcOffset(${before})`)).toEqual({
    minutes: 60,
    until: before,
  });
  const expression = `[0, 19, 20].map((m) => formatLocalTime(utcOffset(${before}), ${before} + m * ${MINUTE}))`;
  expect(await inZone("Europe/Berlin", expression)).toEqual([
    "2026/03/29 01:40:00",
    "2026/03/29 01:59:00",
    "2026/03/29 03:00:00",
  ]);
});

test("a child looks the time zone up itself once its offset is invalid", async () => {
  const expression = `formatLocalTime(utcOffset(${SPRING - 120 * MINUTE}), ${SPRING})`;
  expect(await inZone("Europe/Berlin", expression)).toBe("2026/03/29 03:00:00");
});

test("date(1) agrees", () => {
  const now = Date.now();
  const date = Bun.spawnSync(["date", "-d", `@${now / 1000}`, "+%Y/%m/%d %H:%M:%S"]);
  expect(formatLocalTime(utcOffset(now), now)).toBe(date.stdout.toString().trim());
});
