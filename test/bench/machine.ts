/** On what was measured, and whether it is enough for that. */
import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";

/** In words, as one line. */
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

/** Descriptors that the master keeps for a client: its channel to the child, and one to spare. */
const DESCRIPTORS_A_CLIENT = 2;

/** What master and load generator have open besides. */
const DESCRIPTORS_BESIDES = 500;

/** Processes and threads that a client adds. */
const TASKS_A_CLIENT = 2;

/** Memory (bytes) that a client adds, with what the kernel keeps for it. */
const MEMORY_A_CLIENT = 3e6;

/** @throws an error that says what so many clients need if the machine does not give it. */
export function checkLimits(clients: number): void {
  const descriptors = clients * DESCRIPTORS_A_CLIENT + DESCRIPTORS_BESIDES;
  demand("open files (ulimit -n)", limit("Max open files"), descriptors);
  const tasks = clients * TASKS_A_CLIENT;
  demand("processes (ulimit -u)", limit("Max processes"), tasks);
  demand("pids (sysctl kernel.pid_max)", Number(read("/proc/sys/kernel/pid_max")), tasks);
  const [, kilobytes] = /^MemAvailable:\s+(\d+)/m.exec(read("/proc/meminfo")) ?? [];
  demand("bytes of free memory", Number(kilobytes) * 1024, clients * MEMORY_A_CLIENT);

  function demand(what: string, given: number, needed: number): void {
    if (given >= needed) return;
    throw new Error(
      `${clients} clients need ${needed} ${what}, there are ${given}. ` +
        "Raise that, or give fewer with --many and --watched.",
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
