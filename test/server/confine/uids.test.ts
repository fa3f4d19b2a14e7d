/**
 * User IDs: each to one child at a time, in turn, and to none that another
 * process or another server has.
 */
import { expect, test } from "bun:test";
import { mkdtempDisposableSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import fc from "fast-check";
import { createUidBlocks } from "../../../server/confine/uid-blocks.ts";
import { DEFAULT_UIDS, type UidRange, unmappedReason } from "../../../server/confine/uid-range.ts";
import { createUids } from "../../../server/confine/uids.ts";
import { type ByteLocks, openByteLocks } from "../../../server/os/byte-locks.ts";
import { openProcessCalls } from "../../../server/os/process-calls.ts";

const RANGE = { first: 1000, last: 1004 };

/** A server's IDs: `start` is the first one. */
function uidsOf(
  range: UidRange,
  {
    isActive = () => false,
    locks = null,
    start,
  }: { isActive?: (uid: number) => boolean; locks?: ByteLocks | null; start?: number } = {},
) {
  return createUids(range, createUidBlocks(range, locks), isActive, start);
}

test("IDs are handed out in turn, and none again before the range has wrapped", () => {
  const uids = uidsOf(RANGE, { start: 1003 });
  const taken = Array.from({ length: 7 }, () => {
    const uid = uids.take();
    uids.release(uid);
    return uid;
  });
  expect(taken).toEqual([1003, 1004, 1000, 1001, 1002, 1003, 1004]);
});

test("an ID that is taken, or that a process has, is skipped; without any, EAGAIN", () => {
  const active = new Set([1001, 1002]);
  const uids = uidsOf(RANGE, { isActive: (uid) => active.has(uid), start: 1000 });
  expect([uids.take(), uids.take(), uids.take()]).toEqual([1000, 1003, 1004]);
  expect(() => uids.take()).toThrow("EAGAIN: no free user ID in 1000-1004");
  active.delete(1002);
  uids.release(1003);
  expect([uids.take(), uids.take()]).toEqual([1002, 1003]);
});

test("no two children of two servers have the same ID, in whatever order they come and go", () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/test-uids-`);
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 30_000 }),
      fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 9 }))),
      (length, steps) => {
        using mine = openByteLocks(`${folder.path}/locks`);
        using others = openByteLocks(`${folder.path}/locks`);
        const range = { first: 1000, last: 999 + length };
        const servers = [mine, others].map((locks) => ({
          uids: uidsOf(range, { locks }),
          live: [] as number[],
        }));
        for (const [isMine, step] of steps) {
          const { uids, live } = servers[isMine ? 0 : 1] as (typeof servers)[number];
          if (step >= 5) live.splice(step % 5, 1).forEach(uids.release);
          else if (servers.flatMap((server) => server.live).length < length) live.push(uids.take());
          const all = servers.flatMap((server) => server.live);
          expect(new Set(all).size).toBe(all.length);
          for (const uid of all) expect(uid).toBeWithin(range.first, range.last + 1);
        }
      },
    ),
  );
});

test("a server skips the whole block of another, and gets it when the other leaves it or ends", () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/test-uids-`);
  const path = `${folder.path}/locks`;
  const range = { first: 0x10000, last: 0x10000 + 3 * 4096 - 1 }; // blocks of three
  using locks = openByteLocks(path);
  const uids = uidsOf(range, { locks, start: range.first });
  const other = openByteLocks(path);
  const otherUids = uidsOf(range, { locks: other, start: range.first });
  const [a, b] = [otherUids.take(), otherUids.take()];
  expect([a, b]).toEqual([range.first, range.first + 1]);
  expect(uids.take()).toBe(range.first + 3);
  otherUids.release(a);
  expect(locks.lock(range.first, 1)).toBe(false);
  otherUids.release(b);
  expect(locks.lock(range.first, 1)).toBe(true);
  expect(otherUids.take()).toBe(range.first + 6); // that of 3 is taken by the first server
  expect(locks.lock(range.first + 6, 3)).toBe(false);
  other[Symbol.dispose]();
  expect(locks.lock(range.first + 6, 3)).toBe(true);
});

test("only the owner can open the file of the locks, and a link in its place is not followed", () => {
  using folder = mkdtempDisposableSync(`${tmpdir()}/test-uids-`);
  using _ = openByteLocks(`${folder.path}/locks`);
  expect(statSync(`${folder.path}/locks`).mode & 0o777).toBe(0o600);
  symlinkSync("elsewhere", `${folder.path}/link`);
  expect(() => openByteLocks(`${folder.path}/link`)).toThrow("ELOOP");
});

test("servers that share the range begin at different places in it", () => {
  const starts = Array.from({ length: 20 }, () => uidsOf(DEFAULT_UIDS).take());
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

test.if(process.getuid?.() === 0)(
  "all processes of a user are killed, none of another user's, and this one is root as before",
  async () => {
    const { killUser } = openProcessCalls();
    const [uid, otherUid, masterUid] = [1_900_000_124, 1_900_000_125, 1_900_000_126];
    await using other = Bun.spawn(["sleep", "1000"], { uid: otherUid, gid: otherUid });
    await using sameGroup = Bun.spawn(["sleep", "1000"], { uid: otherUid, gid: uid });
    await using roots = Bun.spawn(["sleep", "1000"]);
    const all = Array.from({ length: 5 }, () => Bun.spawn(["sleep", "1000"], { uid, gid: uid }));
    killUser(uid, masterUid);
    for (const child of all) {
      await child.exited;
      expect(child.signalCode).toBe("SIGKILL");
    }
    expect([other, sameGroup, roots].map(({ exitCode, killed }) => [exitCode, killed])).toEqual(
      Array.from({ length: 3 }, () => [null, false]),
    );
    const ids = Array.from(
      (await Bun.file("/proc/self/status").text()).matchAll(/^Uid:\t(.*)$|^CapEff:\t(.*)$/gm),
      ([, uids, capabilities]) => uids ?? capabilities,
    );
    expect(ids).toEqual(["0\t0\t0\t0", expect.stringMatching(/[1-9a-f]/)]);
  },
);
