/**
 * What holds each child in: whom it runs as, where, with what environment, and how much of the machine
 * it may take. All of it is made ready once, here; spawn.ts gives it to each child.
 */
import { closeSync, openSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { findAccount } from "../../shared/accounts.ts";
import { formatBytes } from "../../shared/format.ts";
import type { ConfinementSummary } from "../../shared/log.ts";
import { type Account, resolveAccount } from "./account.ts";
import { childEnvironment } from "./child-environment.ts";
import type { ConfineOptions } from "../options/confine-flags.ts";
import { UsageError } from "../options/usage-error.ts";
import { memoryLimits, openCgroups, ownCgroup } from "./memory-cgroup.ts";
import { type MemoryLimit, pollMemory } from "./memory-polling.ts";

/** Disposed of when the last child has ended. */
export interface Confinement extends AsyncDisposable {
  /** What Bun.spawn is told of every child. */
  readonly spawn: { cwd: string; uid?: number; gid?: number };
  readonly environment: Record<string, string>;
  /** What a terminal's program is told besides, as by login(1). */
  readonly login: Record<string, string>;
  /** The command that sets a child's limits and then becomes what follows; empty without limits. */
  readonly limiter: readonly string[];
  /** Descriptors that a child is given beside its client, from EXECUTABLE_FD on; the confinement's own. */
  readonly descriptors: readonly number[];
  /** What children are to be executed by. */
  readonly executable: string;
  readonly memory: MemoryLimit | null;
  /** True where a child starts in other circumstances than the master did: it may not be able to. */
  readonly untried: boolean;
  readonly summary: ConfinementSummary;
}

/** After the standard ones and the client's. */
const EXECUTABLE_FD = 4;

/** From the first SIGXCPU, which a program can ignore, to SIGKILL: seconds of processor time. */
const CPU_GRACE = 2;

/**
 * Looks up and makes what the options ask for, and takes the umask for this process: children inherit it.
 * `startsProcesses`: what children start counts as theirs. `warn` is told of a child that is killed because it has
 * too much memory.
 * @throws {UsageError} on what this machine does not have.
 */
export function confine(
  options: ConfineOptions,
  startsProcesses: boolean,
  warn: (message: string) => void,
): Confinement {
  const self = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const account = resolveAccount(options, self, findAccount);
  const isOther = account.uid !== self.uid || account.gid !== self.gid;
  const cwd = findDirectory(options.directory);
  process.umask(options.umask);
  const environment = childEnvironment(process.env, {
    asOther: account.uid !== self.uid,
    also: options.environment,
  });
  const limiter = limiterOf(options);
  const memory =
    options.memoryBytes === null ? null : limitMemory(options.memoryBytes, startsProcesses, warn);
  // Whom children run as may not be able to reach our program by its path, and need not: the kernel
  // leads each to its own, which is Bun until it executes something else, as a shell that sets limits.
  const descriptors = limiter.length > 0 ? [openSync(process.execPath, "r")] : [];
  const link = limiter.length > 0 ? `/proc/self/fd/${EXECUTABLE_FD}` : "/proc/self/exe";
  return {
    spawn: { cwd, ...(isOther ? { uid: account.uid, gid: account.gid } : {}) },
    environment,
    login: {
      USER: account.user,
      LOGNAME: account.user,
      ...(account.home === null ? {} : { HOME: account.home }),
    },
    limiter,
    descriptors,
    executable: process.platform === "linux" ? link : process.execPath,
    memory: memory?.limit ?? null,
    untried: isOther || limiter.length > 0 || options.directory !== "/",
    summary: tell(options, account, cwd, environment, memory),
    async [Symbol.asyncDispose]() {
      for (const fd of descriptors) closeSync(fd);
      await memory?.limit.close();
    },
  };
}

function findDirectory(directory: string): string {
  const path = resolve(directory);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  throw new UsageError(`--directory ${directory}: no such directory.`);
}

/**
 * The child itself sets its limits, in a shell that then becomes the child: a millisecond, where limits
 * are wanted at all. The master could do it from outside with prlimit(2), but of a child of another
 * user only with CAP_SYS_RESOURCE, which root in a container does not have.
 */
function limiterOf({ maxFiles, cpuSeconds }: ConfineOptions): string[] {
  const limits: string[] = [];
  if (maxFiles !== null) limits.push(`ulimit -n ${maxFiles}`);
  if (cpuSeconds !== null) {
    limits.push(`ulimit -S -t ${cpuSeconds}`, `ulimit -H -t ${cpuSeconds + CPU_GRACE}`);
  }
  if (limits.length === 0) return [];
  return ["/bin/sh", "-c", `${limits.join(" && ")} && exec "$0" "$@"`];
}

interface LimitedMemory {
  limit: MemoryLimit;
  noCgroup: string | null;
}

function limitMemory(
  bytes: number,
  startsProcesses: boolean,
  warn: (message: string) => void,
): LimitedMemory {
  if (process.platform !== "linux") throw new UsageError("--child-memory needs Linux.");
  const killed = (pid: number) =>
    warn(`pid ${pid} had more than --child-memory ${formatBytes(bytes)}: killed`);
  try {
    return { limit: openCgroups(ownCgroup(), memoryLimits(bytes), killed, warn), noCgroup: null };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const limit = pollMemory(bytes, startsProcesses, warn);
    return { limit, noCgroup: `no cgroup: ${error.message}` };
  }
}

function tell(
  { umask, maxFiles, cpuSeconds, memoryBytes }: ConfineOptions,
  { user, group }: Account,
  directory: string,
  environment: Record<string, string>,
  memory: LimitedMemory | null,
): ConfinementSummary {
  return {
    user,
    group,
    directory,
    umask: umask.toString(8).padStart(3, "0"),
    environment: Object.keys(environment),
    files: maxFiles,
    cpu: cpuSeconds,
    memory: memoryBytes,
    memoryBy: memory === null ? null : memory.noCgroup === null ? "cgroup" : "polling",
    noCgroupReason: memory?.noCgroup ?? null,
  };
}
