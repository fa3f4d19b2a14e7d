/**
 * A control group for each child (cgroup v2, cgroups(7)), in which the kernel sees to its memory:
 *
 *     OWN                where the master was started
 *     OWN/brood-PID      this server
 *       …/master         the master: a group that gives controllers to others may hold no process
 *       …/1, …/2         a child each, and whatever it starts
 *
 * It needs a group of the master's own, as a systemd unit with `Delegate=yes` has. A group in which
 * other processes are too cannot give controllers: then there is none of this.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readOwnCgroupDirectory } from "../../shared/cgroup.ts";
import { errorCode } from "../../shared/error-code.ts";
import type { MemoryLimit } from "./memory-polling.ts";

/** What is to be set in each child's group, and how the kernel tells that it had to kill for it. */
export interface CgroupLimits {
  controller: string;
  settings: Record<string, string>;
  events: { file: string; name: string };
}

/** The limits that hold a child to `bytes`, without a way out to swap; with it its descendants go. */
export function memoryLimits(bytes: number): CgroupLimits {
  return {
    controller: "memory",
    settings: {
      "memory.max": String(bytes),
      "memory.swap.max": "0",
      "memory.oom.group": "1",
    },
    events: { file: "memory.events", name: "oom_kill" },
  };
}

/** Between two tries to remove a group (ms) whose last processes are on their way out, and how many. */
const RETRY = 10;
const TRIES = 200;

/**
 * Moves this process to a group of its own under `own` and makes groups beside it; `killed` is told
 * of a child that the kernel killed for its limits, `warn` of a group that could not be cleared away.
 * @throws an error that says why that cannot be done here; then all is as it was.
 */
export function openCgroups(
  own: string,
  { controller, settings, events }: CgroupLimits,
  killed: (pid: number) => void,
  warn: (message: string) => void,
): MemoryLimit {
  if (!words(own, "cgroup.controllers").includes(controller)) {
    throw new Error(`no ${controller} controller in ${own}`);
  }
  const home = join(own, `brood-${process.pid}`);
  const master = join(home, "master");
  const toEnable = [own, home].filter((group) => group === home || !enabled(group));
  let made = 0;
  const removals = new Set<Promise<void>>();

  mkdirSync(home);
  try {
    if (!existsSync(join(home, "cgroup.kill"))) throw new Error("it takes Linux 5.14");
    mkdirSync(master);
    write(master, "cgroup.procs", String(process.pid));
    for (const group of toEnable) write(group, "cgroup.subtree_control", `+${controller}`);
  } catch (error) {
    undo();
    throw error;
  }

  // A kernel that does not count swap has no limit for it, and its children no way into it.
  const known = Object.entries(settings).filter(([file]) => existsSync(join(master, file)));

  function enabled(group: string): boolean {
    return words(group, "cgroup.subtree_control").includes(controller);
  }

  function undo(): void {
    for (const group of toEnable.toReversed()) {
      if (enabled(group)) write(group, "cgroup.subtree_control", `-${controller}`);
    }
    if (existsSync(master)) {
      write(own, "cgroup.procs", String(process.pid));
      rmdirSync(master);
    }
    rmdirSync(home);
  }

  /** How often the kernel has killed in a group. */
  function kills(group: string): number {
    const [, count = "0"] =
      new RegExp(`^${events.name} (\\d+)$`, "m").exec(read(group, events.file)) ?? [];
    return Number(count);
  }

  async function clear(group: string, pid: number): Promise<void> {
    if (kills(group) > 0) killed(pid);
    write(group, "cgroup.kill", "1"); // what the child has started goes with it
    await remove(group);
  }

  return {
    place() {
      made += 1;
      const group = join(home, String(made));
      mkdirSync(group);
      try {
        for (const [file, value] of known) write(group, file, value);
      } catch (error) {
        rmdirSync(group);
        throw error;
      }
      let pid = 0;
      return {
        spawn: { cgroup: group },
        hold: (child) => void ({ pid } = child),
        leave() {
          const removal = clear(group, pid)
            .catch((error: unknown) => warn(`control group ${group}: ${String(error)}`))
            .finally(() => removals.delete(removal));
          removals.add(removal);
        },
      };
    },
    async close() {
      await Promise.all(removals);
      undo();
    },
  };
}

/** @throws after some seconds in which the processes in it have not ended, although they were killed. */
async function remove(group: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return rmdirSync(group);
    } catch (error) {
      const busy = errorCode(error) === "EBUSY";
      if (!busy || tries === TRIES) throw error;
    }
    await Bun.sleep(RETRY);
  }
}

/**
 * Returns the directory of the cgroup that this process is in.
 * @throws an error that says that there is none.
 */
export function ownCgroup(root = "/proc"): string {
  const directory = readOwnCgroupDirectory(root);
  if (directory === null) throw new Error("cgroup v2 is not mounted");
  return directory;
}

function words(group: string, file: string): string[] {
  return read(group, file).trim().split(" ");
}

function read(group: string, file: string): string {
  return readFileSync(join(group, file), "latin1");
}

function write(group: string, file: string, value: string): void {
  writeFileSync(join(group, file), value);
}
