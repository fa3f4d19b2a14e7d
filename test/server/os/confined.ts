/** Runs a program that a confined thread of a process of its own has started, and returns what came of it. */
import type { ConfineOutcome } from "../../../server/os/confine-outcome.ts";
import type { LandlockOutcome, LandlockPlan } from "../../../server/os/landlock.ts";
import type { DeniedCall } from "../../../server/os/seccomp-filter.ts";

export interface ConfinedRun {
  /** "{MASTER}" and "{THREAD}" stand for the PID of the process and the ID of its confined thread. */
  command: readonly string[];
  /** The whole process, not the program. */
  nonDumpable?: boolean;
  noNewPrivs?: boolean;
  privateNetwork?: boolean;
  landlock?: LandlockPlan;
  denied?: readonly DeniedCall[];
  sameUser?: boolean;
  /** Of the program: only root can set them. */
  uid?: number;
  gid?: number;
  cwd?: string;
}

export interface ConfinedResult {
  outcomes: {
    nonDumpable: ConfineOutcome | null;
    noNewPrivs: ConfineOutcome | null;
    privateNetwork: ConfineOutcome | null;
    landlock: LandlockOutcome | null;
    denied: ConfineOutcome | null;
  };
  stdout: string;
  stderr: string;
  status: number;
}

/** `as`: the user ID of the process, whose program then has it too; ours by default. */
export async function runConfined(run: ConfinedRun, as?: number): Promise<ConfinedResult> {
  const master = Bun.spawn(
    [process.execPath, `${import.meta.dir}/confined-master.ts`, JSON.stringify(run)],
    { stdio: ["ignore", "pipe", "pipe"], ...(as !== undefined && { uid: as, gid: as }) },
  );
  const [stdout, stderr, status] = await Promise.all([
    master.stdout.text(),
    master.stderr.text(),
    master.exited,
  ]);
  if (status !== 0 || stderr !== "")
    throw new Error(`status ${status} ${master.signalCode}: ${stderr}`);
  return JSON.parse(stdout) as ConfinedResult;
}
