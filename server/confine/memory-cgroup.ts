/**
 * A control group for each child (cgroup v2, cgroups(7)), in which the kernel limits its memory:
 *
 *     OWN                where the master was started
 *     OWN/brood-PID      this server
 *       …/master         the master: a group that passes controllers on may hold no process itself
 *       …/1, …/2         one for each child, with whatever it starts
 *
 * It needs a group that holds only the master, as a systemd unit with `Delegate=yes` has. A group
 * that holds other processes too cannot pass controllers on; then there are no cgroups, and
 * memory-polling.ts limits the children.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readOwnCgroupDirectory } from "../../shared/cgroup.ts";
import { errorCode } from "../../shared/error-code.ts";
import type { MemoryLimit } from "./memory-limit.ts";

/**
 * What to set in each child's group, and where the kernel counts the
 * processes that it killed for it.
 */
export interface CgroupLimits {
  controller: string;
  settings: Record<string, string>;
  events: { file: string; name: string };
}

/**
 * Limits a child with its descendants to `maxBytes`, without swap; the kernel kills them together.
 */
export function memoryLimits(maxBytes: number): CgroupLimits {
  return {
    controller: "memory",
    settings: {
      "memory.max": String(maxBytes),
      "memory.swap.max": "0",
      "memory.oom.group": "1",
    },
    events: { file: "memory.events", name: "oom_kill" },
  };
}

/** A group whose processes were killed can be removed only when they have gone. */
const REMOVE_RETRY_INTERVAL_MS = 10;
const MAX_REMOVE_TRIES = 200;

/**
 * Moves this process to a group of its own below `own`, and makes a group beside it for each
 * child. `onKilled` is called for a child that the kernel killed for its limits, `warn` for a
 * group that could not be removed.
 * @throws an error that says why cgroups cannot be used here; then nothing has changed
 */
export function openCgroups(
  own: string,
  { controller, settings, events }: CgroupLimits,
  onKilled: (pid: number) => void,
  warn: (message: string) => void,
): MemoryLimit {
  const server = createServerGroup(own, controller);
  // A kernel that does not count swap has no limit for it, but its children cannot swap either.
  const available = Object.entries(settings).filter(([file]) =>
    existsSync(join(server.masterGroup, file)),
  );
  const removals = new Set<Promise<void>>();
  let groups = 0;

  async function end(group: string, pid: number): Promise<void> {
    if (countKills(group, events) > 0) onKilled(pid);
    write(group, "cgroup.kill", "1"); // what the child has started goes with it
    await remove(group);
  }

  return {
    newSlot() {
      groups += 1;
      const group = join(server.group, String(groups));
      mkdirSync(group);
      try {
        for (const [file, value] of available) write(group, file, value);
      } catch (error) {
        rmdirSync(group);
        throw error;
      }
      let pid = 0;
      return {
        spawn: { cgroup: group },
        assign(child) {
          pid = child.pid;
        },
        release() {
          const removal = end(group, pid).catch((error: unknown) =>
            warn(`control group ${group}: ${String(error)}`),
          );
          removals.add(removal);
          void removal.finally(() => removals.delete(removal));
        },
      };
    },
    async close() {
      await Promise.all(removals);
      server.undo();
    },
  };
}

/**
 * Makes the server's group and moves this process into the master's group within it.
 * @throws an error that says why that is impossible; then nothing has changed
 */
function createServerGroup(own: string, controller: string) {
  if (!readWords(own, "cgroup.controllers").includes(controller)) {
    throw new Error(`no ${controller} controller in ${own}`);
  }
  const group = join(own, `brood-${process.pid}`);
  const masterGroup = join(group, "master");
  const isEnabled = (parent: string) =>
    readWords(parent, "cgroup.subtree_control").includes(controller);
  const toEnable = isEnabled(own) ? [group] : [own, group];

  function undo(): void {
    for (const parent of toEnable.toReversed()) {
      if (isEnabled(parent)) write(parent, "cgroup.subtree_control", `-${controller}`);
    }
    if (existsSync(masterGroup)) {
      write(own, "cgroup.procs", String(process.pid));
      rmdirSync(masterGroup);
    }
    rmdirSync(group);
  }

  mkdirSync(group);
  try {
    if (!existsSync(join(group, "cgroup.kill"))) throw new Error("it requires Linux 5.14");
    mkdirSync(masterGroup);
    write(masterGroup, "cgroup.procs", String(process.pid));
    for (const parent of toEnable) write(parent, "cgroup.subtree_control", `+${controller}`);
  } catch (error) {
    undo();
    throw error;
  }
  return { group, masterGroup, undo };
}

/** @throws if the group's processes have not ended some seconds after they were killed */
async function remove(group: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return rmdirSync(group);
    } catch (error) {
      if (errorCode(error) !== "EBUSY" || tries === MAX_REMOVE_TRIES) throw error;
    }
    await Bun.sleep(REMOVE_RETRY_INTERVAL_MS);
  }
}

/**
 * Returns the directory of the cgroup that this process is in.
 * @throws if cgroup v2 is not mounted
 */
export function ownCgroup(root = "/proc"): string {
  const directory = readOwnCgroupDirectory(root);
  if (directory === null) throw new Error("cgroup v2 is not mounted");
  return directory;
}

/** Returns how often the kernel has killed in a group. */
function countKills(group: string, { file, name }: CgroupLimits["events"]): number {
  const [, count = "0"] = new RegExp(`^${name} (\\d+)$`, "m").exec(read(group, file)) ?? [];
  return Number(count);
}

function readWords(group: string, file: string): string[] {
  return read(group, file).trim().split(" ");
}

function read(group: string, file: string): string {
  return readFileSync(join(group, file), "latin1");
}

function write(group: string, file: string, value: string): void {
  writeFileSync(join(group, file), value);
}
