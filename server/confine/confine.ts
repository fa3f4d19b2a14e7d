/**
 * What confines each child: the user it runs as, its directory, its environment, and how
 * much of the machine it may use. All of it is prepared once, here; spawn-confined.ts
 * applies it to each child.
 */
import { closeSync, openSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { findAccount } from "../../shared/accounts.ts";
import type { ConfinementSummary } from "../../shared/log.ts";
import { CHANNEL_FD } from "../channel/child-start.ts";
import type { ConfineOptions } from "../options/confine-flags.ts";
import { type Serving, startsProcesses } from "../options/serving.ts";
import { UsageError } from "../options/usage-error.ts";
import { type Account, resolveAccount } from "./account.ts";
import { childEnvironment } from "./child-environment.ts";
import type { ChildUser, ChildUsers } from "./child-users.ts";
import { limiterCommand } from "./limiter.ts";
import type { MemoryLimit } from "./memory-limit.ts";
import { type LimitedMemory, limitMemory } from "./open-memory-limit.ts";
import { type OpenedUsers, openUsers } from "./open-users.ts";
import { protectMaster } from "./protect-master.ts";
import { formatUids } from "./uid-range.ts";
import { isBuiltIn, planSandbox, type SandboxContext, type SandboxPlan } from "./sandbox.ts";
import { openTemporaryDirectories, type TemporaryDirectories } from "./temporary.ts";

/** To be disposed of when the last child has ended. */
export interface Confinement extends AsyncDisposable {
  /** The working directory of every child. */
  readonly cwd: string;
  /** The user of each child, and what ends the processes that it leaves behind. */
  readonly users: ChildUsers;
  readonly environment: Record<string, string>;
  /** Returns further variables for a program in a terminal, as set by login(1). */
  login(user: ChildUser): Record<string, string>;
  /** A command that sets a child's limits and then executes its arguments; empty without limits. */
  readonly limiter: readonly string[];
  /**
   * Descriptors that a child gets after its channel, from EXECUTABLE_FD on.
   * The confinement owns them.
   */
  readonly descriptors: readonly number[];
  /** Returns true if children run as this user; null if their user is the master's. */
  readonly isChildUid: ((uid: number) => boolean) | null;
  /** The path that children are executed by. */
  readonly executable: string;
  readonly memory: MemoryLimit | null;
  /** Null for the built-in services, which write no files. */
  readonly temporary: TemporaryDirectories | null;
  /** Children start under different conditions from the master, so they may fail to start. */
  readonly needsProbe: boolean;
  readonly summary: ConfinementSummary;
  /** What this machine does not provide, for the log. */
  readonly warnings: readonly string[];
  /** Returns what the thread that starts the children has to give up. */
  planSandbox(parts: Pick<SandboxContext, "files" | "ports">): SandboxPlan;
}

/** The first descriptor after the standard ones, the client's and the channel. */
const EXECUTABLE_FD = CHANNEL_FD + 1;

/**
 * Prepares the confinement that the options ask for. Changes this process: its umask,
 * which children inherit; it and they write no core dumps; processes of its own user
 * cannot read or trace it; and it becomes the parent of orphans. `warn` is called for a
 * child that is killed for its memory.
 * @throws {UsageError} if this machine lacks a user, group or directory that is asked for
 */
export function confine(
  options: ConfineOptions,
  serving: Serving,
  warn: (message: string) => void,
): Confinement {
  // The memory of processes that a child starts counts as the child's.
  const mayStartProcesses = startsProcesses(serving);
  const self = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const account = resolveAccount(options, self, findAccount);
  const isOther = account.uid !== self.uid || account.gid !== self.gid;
  const cwd = findDirectory(options.directory);
  const calls = protectMaster();
  const opened = openUsers({
    options,
    account,
    self,
    calls,
    startsProcesses: mayStartProcesses,
    warn,
  });
  const { users, range, processLimitBy } = opened;
  process.umask(options.umask);
  const environment = childEnvironment(process.env, {
    asOther: account.uid !== self.uid,
    also: options.environment,
  });
  const limiter = limiterCommand(options, processLimitBy === "child");
  const memory =
    options.memoryBytes === null ? null : limitMemory(options.memoryBytes, mayStartProcesses, warn);
  const temporary = isBuiltIn(serving) ? null : openTemporaryDirectories(warn);
  // The children's user may not be able to reach our executable by its path, and does not have to:
  // /proc/self/exe is each process's own executable, which is Bun, unless it first executes
  // something else, as it does the shell that sets limits.
  const descriptors = limiter.length > 0 ? [openSync(process.execPath, "r")] : [];
  const link = limiter.length > 0 ? `/proc/self/fd/${EXECUTABLE_FD}` : "/proc/self/exe";
  return {
    cwd,
    users,
    environment,
    login: range === null ? () => loginOf(account) : ownLogin,
    limiter,
    descriptors,
    executable: process.platform === "linux" ? link : process.execPath,
    isChildUid: childUidTest(opened, account, self),
    memory: memory?.limit ?? null,
    temporary,
    needsProbe: isOther || limiter.length > 0 || options.directory !== "/",
    summary: summarize(options, serving, account, cwd, environment, memory, opened),
    warnings: warningsOf(opened, account),
    planSandbox: (parts) =>
      planSandbox(options.sandbox, {
        ...parts,
        serving,
        ownUser: range !== null,
        isMastersUser: range === null && account.uid === self.uid,
        isRoot: self.uid === 0,
        usesShell: limiter.length > 0,
        pollsMemory: memory !== null && memory.noCgroupReason !== null,
      }),
    async [Symbol.asyncDispose]() {
      users[Symbol.dispose]();
      await temporary?.close();
      for (const fd of descriptors) closeSync(fd);
      await memory?.limit.close();
    },
  };
}

/** Another server's children may have IDs in the same range; they belong to clients, too. */
function childUidTest(
  { range }: OpenedUsers,
  account: Account,
  self: { uid: number },
): Confinement["isChildUid"] {
  if (range !== null) return (uid) => uid >= range.first && uid <= range.last;
  return account.uid === self.uid ? null : (uid) => uid === account.uid;
}

function warningsOf({ noOwnUserReason, noLocksReason }: OpenedUsers, { user }: Account): string[] {
  const warnings: string[] = [];
  if (noOwnUserReason !== null) {
    warnings.push(`children share the user ${user}: ${noOwnUserReason}`);
  }
  if (noLocksReason !== null) {
    warnings.push(`another server may give its children the same user IDs: ${noLocksReason}`);
  }
  return warnings;
}

function loginOf({ user, home }: Account): Record<string, string> {
  return { USER: user, LOGNAME: user, ...(home === null ? {} : { HOME: home }) };
}

/**
 * A user ID of the range has no name and no home: shells show the number, and start in
 * `/` as init's children do.
 */
function ownLogin({ uid }: ChildUser): Record<string, string> {
  return { USER: String(uid), LOGNAME: String(uid), HOME: "/" };
}

function findDirectory(directory: string): string {
  const path = resolve(directory);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  throw new UsageError(`--directory ${directory}: no such directory.`);
}

function summarize(
  { umask, maxFiles, cpuSeconds, maxProcesses, maxFileBytes, memoryBytes, sandbox }: ConfineOptions,
  serving: Serving,
  { user, group }: Account,
  directory: string,
  environment: Record<string, string>,
  memory: LimitedMemory | null,
  { range, noOwnUserReason }: OpenedUsers,
): ConfinementSummary {
  return {
    user: range === null ? user : formatUids(range),
    group: range === null ? group : formatUids(range),
    ownUser: range !== null,
    noOwnUserReason,
    directory,
    umask: umask.toString(8).padStart(3, "0"),
    environment: Object.keys(environment),
    maxFiles,
    cpuSeconds,
    maxProcesses,
    maxFileBytes,
    memoryBytes,
    memoryBy: memory === null ? null : memory.noCgroupReason === null ? "cgroup" : "polling",
    noCgroupReason: memory?.noCgroupReason ?? null,
    network: isBuiltIn(serving) ? "none" : sandbox.network,
    writable: isBuiltIn(serving) ? [] : sandbox.writable,
    newPrivileges: !isBuiltIn(serving) && sandbox.allowPrivileges,
    gaps: [],
  };
}
