/** Processes as the system's own tools and /proc show them. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { errorCode } from "../../shared/error-code.ts";
import { run } from "./run.ts";
import { until, untilEqual, untilStill } from "./until.ts";

/** Returns what `pstree -AT PID` prints. */
export async function pstree(pid: number): Promise<string> {
  return (await run(["pstree", "-AT", String(pid)])).stdout;
}

export interface Listed {
  pid: number;
  /** As ps prints it: `S`, `Ssl`, `Z` … */
  state: string;
  name: string;
}

/** Returns a process and its children as ps lists them, by pid. */
export async function listFamily(pid: number): Promise<Listed[]> {
  const columns = "pid=,stat=,comm=";
  const { stdout } = await run(["ps", "-o", columns, "--pid", `${pid}`, "--ppid", `${pid}`]);
  const lines = stdout.trimEnd().split("\n");
  return lines.map((line) => {
    const [pidText, state = "", ...name] = line.trim().split(/\s+/);
    return { pid: Number(pidText), state, name: name.join(" ") };
  });
}

/**
 * Returns whether the process exists and has not ended; a zombie has, unless it has other threads.
 */
export function isRunning(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const [, threadCount] = /^Threads:\s+(\d+)/m.exec(status) ?? [];
    return !/^State:\s+[ZX]/m.test(status) || Number(threadCount) > 1;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

/** Stops a process and waits until it has stopped, since another signal could overtake SIGSTOP. */
export async function freeze(pid: number): Promise<void> {
  process.kill(pid, "SIGSTOP");
  await untilStopped(pid);
}

export async function untilStopped(pid: number): Promise<void> {
  const isStopped = () => /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
  await until(isStopped, `process ${pid} has stopped`);
}

/** Waits until a process sleeps each time it is sampled: one that spins never does. */
export async function untilAsleep(pid: number): Promise<void> {
  let samples = 0;
  await until(() => {
    const isAsleep = /^State:\s+S/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
    samples = isAsleep ? samples + 1 : 0;
    return samples === 10;
  }, `process ${pid} sleeps`);
}

/**
 * Returns what each open descriptor of a process refers to, sorted, without the /proc files it is
 * reading and without those that are closed meanwhile. One of them may be closed a moment later,
 * so compare with `leftOpen`.
 */
export function descriptors(pid: number): string[] {
  const targets = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch (error) {
      if (isGone(error)) return [];
      throw error;
    }
  });
  return targets.filter((target) => !target.startsWith("/proc/")).sort();
}

/** Returns the descriptors that a process has open now beyond those of `before`. */
export function leftOpen(pid: number, before: readonly string[]): string[] {
  const left = [...before];
  return descriptors(pid).filter((target) => {
    const index = left.indexOf(target);
    if (index !== -1) left.splice(index, 1);
    return index === -1;
  });
}

/**
 * Waits until a process has no descriptors open beyond those of `before`; the error shows the rest.
 */
export async function untilNoneLeftOpen(pid: number, before: readonly string[]): Promise<void> {
  await untilEqual(() => leftOpen(pid, before), []);
}

/**
 * The same for a server with a page, once its history is open, which happens
 * shortly after it listens.
 */
export async function settledDescriptors(pid: number): Promise<string[]> {
  await until(() => threads(pid).includes("history"), "the history is open");
  await untilStill(() => descriptors(pid).length, "the number of descriptors");
  return descriptors(pid);
}

/** Returns the names of a process's threads. */
export function threads(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/comm`, "latin1").trimEnd(),
  );
}

/** Returns the kernel's number of the thread with this name. @throws if there is none */
export function threadOf(pid: number, name: string): number {
  const isIt = (thread: string) =>
    readFileSync(`/proc/${pid}/task/${thread}/comm`, "latin1").startsWith(name);
  const thread = readdirSync(`/proc/${pid}/task`).find(isIt);
  if (thread === undefined) throw new Error(`process ${pid} has no thread "${name}"`);
  return Number(thread);
}

/** In bytes, as counted by the kernel. */
export interface Memory {
  /** Memory of this process alone, which its end would free. */
  private: number;
  /** The same plus its share of the memory it shares with others. */
  proportional: number;
}

export function readMemory(pid: number): Memory {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
  const bytes = (name: string) => {
    const [, kilobytes = "0"] = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(rollup) ?? [];
    return Number(kilobytes) * 1024;
  };
  return {
    private: bytes("Private_Clean") + bytes("Private_Dirty"),
    proportional: bytes("Pss"),
  };
}

/** The same, or null if the process is gone. */
export function memoryIfThere(pid: number): Memory | null {
  try {
    return readMemory(pid);
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** Returns the CPU time a process has used, in clock ticks. */
export function cpuTime(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const [user, system] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13);
  return Number(user) + Number(system);
}

/**
 * Returns the processes with this setting in their environment: a program and
 * everything it has started.
 */
export function processesWith(name: string, value: string): number[] {
  const isSetting = (setting: string) =>
    setting === `${name}=${value}` || setting.startsWith(`${name}=${value}/`);
  const pids = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  return pids.map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").some(isSetting);
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  });
}

/** EACCES and EPERM mean another user's process, which no test has started. */
function isGone(error: unknown): boolean {
  return ["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(errorCode(error) ?? "");
}
