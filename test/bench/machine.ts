/** The machine that is measured on, and whether it suffices. */
import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";

/** Returns the machine and the versions of the runtimes as one line. */
export function describeMachine(): string {
  const [cpu] = cpus();
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
  const programs = [
    `Bun ${Bun.version}`,
    `PHP ${version(["php", "-r", "echo PHP_VERSION;"])}`,
    `Python ${version(["python3", "--version"])}`,
    `Node ${version(["node", "--version"])}`,
  ];
  const day = new Date().toISOString().slice(0, 10);
  const machine = `${cpus().length} × ${cpu?.model ?? "?"}, ${memory}, Linux ${release()}`;
  return `${machine}; ${programs.join(", ")}; ${day}`;
}

function version(cmd: string[]): string {
  const [found = "?"] = /\d[\w.]*/.exec(Bun.spawnSync(cmd).stdout.toString()) ?? [];
  return found;
}

/** Descriptors that the master needs per client: the channel to its child, and one in reserve. */
const DESCRIPTORS_PER_CLIENT = 2;

/** What the master and the load generator have open besides. */
const BASE_DESCRIPTORS = 500;

/** Processes and threads per client. */
const TASKS_PER_CLIENT = 2;

/** Memory per client, including the kernel's. */
const BYTES_PER_CLIENT = 3e6;

/** @throws an error that says what this many clients need and the machine lacks. */
export function checkLimits(clients: number): void {
  const descriptors = clients * DESCRIPTORS_PER_CLIENT + BASE_DESCRIPTORS;
  requireAtLeast("open files (ulimit -n)", limit("Max open files"), descriptors);
  const tasks = clients * TASKS_PER_CLIENT;
  requireAtLeast("processes (ulimit -u)", limit("Max processes"), tasks);
  requireAtLeast("pids (sysctl kernel.pid_max)", Number(read("/proc/sys/kernel/pid_max")), tasks);
  const [, kilobytes] = /^MemAvailable:\s+(\d+)/m.exec(read("/proc/meminfo")) ?? [];
  requireAtLeast("bytes of free memory", Number(kilobytes) * 1024, clients * BYTES_PER_CLIENT);

  function requireAtLeast(resource: string, given: number, needed: number): void {
    if (given >= needed) return;
    throw new Error(
      `${clients} clients need ${needed} ${resource}, but there are ${given}. ` +
        "Raise the limit, or pass smaller numbers to --many and --watched.",
    );
  }
}

function limit(name: string): number {
  const [, soft] = new RegExp(`^${name}\\s+(\\S+)`, "m").exec(read("/proc/self/limits")) ?? [];
  return soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft);
}

function read(path: string): string {
  return readFileSync(path, "latin1");
}
