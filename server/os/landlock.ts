/** Landlock (landlock(7)): an allow-list of files, TCP ports … for the calling thread and everything it starts. */

/** What Landlock can do here: the version of its interface (0: nothing, for the reason given). */
export type LandlockSupport = { abi: number } | { abi: 0; reason: string };

/** Ports of TCP, or all, or none. */
export type Ports = "all" | "none" | { except: readonly number[] } | { only: readonly number[] };

/** What the thread may still do. What isn't listed is denied, except for what is null or false: that stays as it is. */
export interface LandlockPlan {
  /** Paths that must exist; each grants access to everything below it. Links are followed once, now. */
  files: {
    /** Directories that may be listed. */
    list: readonly string[];
    /** Files that may be read. */
    read: readonly string[];
    /** Files that may be executed. */
    execute: readonly string[];
    /** Files that may be opened for writing, truncated, and, if they are devices, controlled with ioctl(2). */
    write: readonly string[];
    /** Directories in which files may be created, removed, renamed and linked (not device nodes). */
    change: readonly string[];
  } | null;
  tcp: { connect: Ports; bind: Ports } | null;
  scope: {
    /** Processes outside of the domain get no signals from it (but see `landlock.ts`: the thread itself). */
    signals: boolean;
    /** Abstract Unix sockets of processes outside of the domain cannot be connected to. */
    abstractSockets: boolean;
  };
}

/** A wish that this kernel's Landlock does not know. */
export type LandlockGap = "truncate" | "device-ioctl" | "tcp" | "signals" | "abstract-sockets" | "refer";

export type LandlockOutcome =
  | { ok: true; abi: number; missing: LandlockGap[] }
  | { ok: false; reason: string };

export function probeLandlock(): LandlockSupport {
  throw new Error("not written yet");
}

/** Confines the calling thread, for good. All or nothing: not ok means that it is as free as before. */
export function restrictWithLandlock(_plan: LandlockPlan): LandlockOutcome {
  throw new Error("not written yet");
}
