/** User IDs: each to one child at a time, in turn, and to none that another process has. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { createUids, DEFAULT_UIDS, unmappedReason } from "../../../server/confine/uids.ts";
import { openProcessCalls } from "../../../server/os/process-calls.ts";

const RANGE = { first: 1000, last: 1004 };

test("IDs are handed out in turn, and none again before the range has wrapped", () => {
  const uids = createUids(RANGE, () => false, 1003);
  const taken = Array.from({ length: 7 }, () => {
    const uid = uids.take();
    uids.release(uid);
    return uid;
  });
  expect(taken).toEqual([1003, 1004, 1000, 1001, 1002, 1003, 1004]);
});

test("an ID that is taken, or that a process has, is skipped; without any, EAGAIN", () => {
  const active = new Set([1001, 1002]);
  const uids = createUids(RANGE, (uid) => active.has(uid), 1000);
  expect([uids.take(), uids.take(), uids.take()]).toEqual([1000, 1003, 1004]);
  expect(() => uids.take()).toThrow("EAGAIN: no free user ID in 1000-1004");
  active.delete(1002);
  uids.release(1003);
  expect([uids.take(), uids.take()]).toEqual([1002, 1003]);
});

test("no two children ever have the same ID, whatever the order in which they come and go", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 })), (steps) => {
      const uids = createUids(RANGE, () => false);
      const live: number[] = [];
      for (const step of steps) {
        if (step < 5 && live.length < 5) live.push(uids.take());
        else live.splice(step % 5, 1).forEach(uids.release);
        expect(new Set(live).size).toBe(live.length);
      }
    }),
  );
});

test("servers that share the range begin at different places in it", () => {
  const starts = Array.from({ length: 20 }, () => createUids(DEFAULT_UIDS, () => false).take());
  expect(new Set(starts).size).toBe(20);
});

test("a range that the user namespace does not have is found in its map", () => {
  expect(unmappedReason(DEFAULT_UIDS, "         0          0 4294967295\n")).toBeNull();
  expect(unmappedReason({ first: 1, last: 65_535 }, "0 1000 1\n1 100000 65535\n")).toBeNull();
  const reason = "the user namespace has no IDs 1-65536";
  expect(unmappedReason({ first: 1, last: 65_536 }, "0 1000 1\n1 100000 65535\n")).toBe(reason);
  expect(unmappedReason(RANGE, "")).toBe("the user namespace has no IDs 1000-1004");
});

test.if(process.getuid?.() === 0)(
  "the kernel knows whether a process has a user ID, until it is reaped",
  async () => {
    const { isUserActive } = openProcessCalls();
    const uid = 1_900_000_123;
    expect(isUserActive(uid)).toBe(false);
    const child = Bun.spawn(["sleep", "1000"], { uid, gid: uid });
    expect(isUserActive(uid)).toBe(true);
    child.kill("SIGKILL");
    await child.exited;
    expect(isUserActive(uid)).toBe(false);
  },
);
