/** What each kind of child is to give up, and what of that an old kernel leaves out. */
import { expect, test } from "bun:test";
import {
  gapsOfLandlock,
  planSandbox,
  type SandboxContext,
  type SandboxPlan,
} from "../../../server/confine/sandbox.ts";
import { gaps, type LandlockPlan } from "../../../server/os/landlock.ts";
import type { Serving } from "../../../server/options/serving.ts";

const BUILT_IN: Serving = { kind: "built-in", name: "time" };
const PROGRAM: Serving = { kind: "exec", command: ["cat"] };

const ROOTS: Omit<SandboxContext, "serving"> = {
  ownUser: true,
  isMastersUser: false,
  isRoot: true,
  usesShell: false,
  pollsMemory: false,
  files: { secret: [], code: [], program: null, temporary: null },
  ports: { page: 1, server: 2 },
};
const ORDINARY = { ...ROOTS, ownUser: false, isMastersUser: true, isRoot: false };

function plan(serving: Serving, context = ROOTS): SandboxPlan {
  const options = {
    network: "host",
    writable: null,
    allowPrivileges: false,
    strict: false,
  } as const;
  return planSandbox(options, { ...context, serving });
}

function missing(landlock: LandlockPlan | null, abi: number): string[] {
  if (landlock === null) throw new Error("no plan");
  const outcome = { ok: true, abi, missing: gaps(landlock, abi) } as const;
  const found = gapsOfLandlock(landlock, outcome);
  expect(found.every(({ reason }) => reason === `Landlock's version here is ${abi}`)).toBe(true);
  return found.map(({ what }) => what);
}

test("a Landlock without rules for TCP leaves the ports of root's server open, and an ordinary user's page too", () => {
  expect(missing(plan(PROGRAM).landlock, 3)).toEqual(["ports"]);
  expect(missing(plan(PROGRAM).landlock, 4)).toEqual([]);
  expect(missing(plan(PROGRAM, ORDINARY).landlock, 3)).toEqual(["page", "ports", "signals"]);
  expect(missing(plan(PROGRAM, ORDINARY).landlock, 4)).toEqual(["signals"]);
});

test("it takes nothing from the built-in services, whose system calls are denied", () => {
  expect(missing(plan(BUILT_IN).landlock, 3)).toEqual(["signals"]);
});

test("the built-in services make no objects that outlive them; the programs of root's server do so in a namespace", () => {
  for (const context of [ROOTS, ORDINARY])
    expect(plan(BUILT_IN, context).denied).toContain("to built-in");
  expect(plan(PROGRAM).privateIpc).toBe(true);
  expect(plan(PROGRAM, ORDINARY).privateIpc).toBe(false);
});

test("no child holds memory that it has not mapped, where the master measures memory", () => {
  for (const serving of [BUILT_IN, PROGRAM]) {
    expect(plan(serving).denied).not.toContain("with polled memory");
    expect(plan(serving, { ...ROOTS, pollsMemory: true }).denied).toContain("with polled memory");
  }
});
