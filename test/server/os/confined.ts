/**
 * Runs a program that a confined thread of a process of its own has started,
 * and returns what came of it.
 */
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConfineOutcome } from "../../../server/os/confine-outcome.ts";
import type { LandlockOutcome, LandlockPlan } from "../../../server/os/landlock.ts";
import type { DeniedCall } from "../../../server/os/seccomp-filter.ts";

export interface ConfinedRun {
  /**
   * "{MASTER}" and "{THREAD}" stand for the PID of the process and the ID of its confined thread.
   */
  command: readonly string[];
  /** After no_new_privs, before the rest. */
  deniedBefore?: readonly DeniedCall[];
  /** The process, not the program. */
  nonDumpable?: boolean;
  noNewPrivs?: boolean;
  privateNetwork?: boolean;
  privateProc?: boolean;
  landlock?: LandlockPlan;
  denied?: readonly DeniedCall[];
  sameUser?: boolean;
  /** The user of the program alone. */
  account?: Account;
  /**
   * The program gets a connection to this port of loopback, made by the process, as descriptor 3.
   */
  connectTo?: number;
}

export interface ConfinedResult {
  outcomes: Record<
    "deniedBefore" | "nonDumpable" | "noNewPrivs" | "privateNetwork" | "privateProc" | "denied",
    ConfineOutcome | null
  > & { landlock: LandlockOutcome | null };
  stdout: string;
  stderr: string;
  status: number;
}

interface Account {
  uid?: number;
  gid?: number;
}

const isRoot = process.getuid?.() === 0;

/** An ordinary user: another than ours if we are root. */
export const ORDINARY: Account = isRoot ? { uid: 1_879_048_300, gid: 1_879_048_300 } : {};

/** What tests run, and Bun, where every user can read them. */
export interface Programs extends Disposable {
  directory: string;
  bun: string;
  confined: string;
  attempt: string;
}

export async function buildPrograms(): Promise<Programs> {
  const directory = mkdtempSync(join(tmpdir(), "brood-test-os-"));
  chmodSync(directory, 0o755);
  await Bun.build({
    entrypoints: ["confined-program.ts", "attempt.ts"].map((name) => join(import.meta.dir, name)),
    target: "bun",
    outdir: directory,
  });
  const bun = join(directory, "bun");
  copyFileSync(process.execPath, bun);
  chmodSync(bun, 0o755);
  return {
    directory,
    bun,
    confined: join(directory, "confined-program.js"),
    attempt: join(directory, "attempt.js"),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  };
}

/** `as`: the user of the process, and so of the program; ours by default. */
export async function runConfined(
  { bun, confined }: Programs,
  run: ConfinedRun,
  as: Account = {},
): Promise<ConfinedResult> {
  const process = Bun.spawn([bun, confined, JSON.stringify(run)], {
    stdio: ["ignore", "pipe", "pipe"],
    cwd: "/",
    ...as,
  });
  const [stdout, stderr] = await Promise.all([
    new Response(process.stdout).text(),
    new Response(process.stderr).text(),
  ]);
  await process.exited;
  if (process.signalCode !== null) throw new Error(`ended by ${process.signalCode}`);
  if (process.exitCode !== 0 || stderr !== "") throw new Error(`${process.exitCode}: ${stderr}`);
  return JSON.parse(stdout) as ConfinedResult;
}

/**
 * What `attempt.ts` prints for these words, once confined; every part of the
 * confinement must have worked.
 */
export async function attempt(
  programs: Programs,
  words: string,
  run: Partial<ConfinedRun>,
  as: Account = {},
): Promise<string> {
  const command = [programs.bun, programs.attempt, ...words.split(" ")];
  const { outcomes, stdout, stderr } = await runConfined(programs, { ...run, command }, as);
  const failed = Object.entries(outcomes).filter(([, outcome]) => outcome !== null && !outcome.ok);
  if (failed.length > 0 || stderr !== "") throw new Error(`${JSON.stringify(failed)} ${stderr}`);
  return stdout.trim();
}
