/**
 * The sandbox of the children: what the thread that starts them gives up, once, so that they all do without it. This
 * file has the plan for each kind of child; sandbox-thread.ts carries it out.
 *
 * | kind                       | files                                   | network        | privileges |
 * | -------------------------- | --------------------------------------- | -------------- | ---------- |
 * | `time`, `echo`, `chat`     | reads what it needs to run              | none           | no new ones |
 * | modules, `--exec`, `--pty` | what its user can, or as `--writable`   | as `--network` | no new ones, but for `--allow-privileges` |
 *
 * Children that share the master's user are kept from its files and from its page, too: there the kernel makes no
 * difference between it and them.
 */
import type { ConfinementGap } from "../../shared/log.ts";
import type { SandboxOptions } from "../options/confine-flags.ts";
import type { Serving } from "../options/serving.ts";
import type { LandlockPlan } from "../os/landlock.ts";
import { builtInFiles, type ProtectedFiles, programFiles } from "./sandbox-files.ts";

/** It passes to another thread as JSON. */
export interface SandboxPlan {
  /** Children may gain privileges by executing a file, as sudo does. */
  newPrivileges: boolean;
  /** A network namespace of their own, in addition to `denied`. */
  privateNetwork: boolean;
  /** A /proc that hides the processes of other users. */
  privateProc: boolean;
  landlock: LandlockPlan | null;
  denied: readonly DeniedCalls[];
}

/** The lists of system calls in server/os/denied-calls.ts. */
export type DeniedCalls = "to all" | "to same user" | "with TCP rules" | "network" | "Unix sockets";

/** What of the plan this machine cannot do. */
export type SandboxOutcome = ConfinementGap[];

export interface SandboxContext {
  serving: Serving;
  /** Each child has a user of its own. */
  ownUser: boolean;
  /** Children have the same user as the master. */
  isMastersUser: boolean;
  /** The master is root, and can make network namespaces. */
  isRoot: boolean;
  /** Children are started by a shell, which sets their limits. */
  usesShell: boolean;
  files: ProtectedFiles;
  /** The TCP ports of the page and of the server, as far as they are known and TCP. */
  ports: { page: number | null; server: number | null };
}

export function planSandbox(options: SandboxOptions, context: SandboxContext): SandboxPlan {
  return isBuiltIn(context.serving) ? planBuiltIn(context) : planProgram(options, context);
}

/** The chat is a module of brood's own. */
export function isBuiltIn(serving: Serving): boolean {
  return serving.kind === "built-in" || (serving.kind === "module" && serving.path === null);
}

function planBuiltIn({
  ownUser,
  isMastersUser,
  isRoot,
  usesShell,
  files,
}: SandboxContext): SandboxPlan {
  return {
    newPrivileges: false,
    privateNetwork: isRoot,
    privateProc: isRoot && !isMastersUser,
    landlock: {
      files: builtInFiles(files, usesShell),
      tcp: { connect: "none", bind: "none" },
      scope: { signals: true, abstractSockets: true },
    },
    denied: ["to all", "network", ...(ownUser ? [] : (["to same user"] as const))],
  };
}

function planProgram(options: SandboxOptions, context: SandboxContext): SandboxPlan {
  const { ownUser, isMastersUser, isRoot, files } = context;
  const { network, writable, allowPrivileges } = options;
  const denied: DeniedCalls[] = ["to all"];
  if (!ownUser) denied.push("to same user");
  if (network === "none") denied.push("network");
  // Otherwise it could ask a program of the same user, such as systemd, to write for it.
  if (isMastersUser && writable !== null) denied.push("Unix sockets");
  const tcp = tcpRules(options, context);
  if (tcp !== null) denied.push("with TCP rules");
  const grants = programFiles(files, writable, {
    ownUser,
    isMastersUser,
    hasTerminal: context.serving.kind === "pty",
  });
  const needsLandlock = grants !== null || tcp !== null || isMastersUser;
  return {
    newPrivileges: allowPrivileges,
    privateNetwork: network === "none" && isRoot,
    privateProc: isRoot && !isMastersUser,
    landlock: needsLandlock
      ? { files: grants, tcp, scope: { signals: isMastersUser, abstractSockets: false } }
      : null,
    denied,
  };
}

/**
 * Children of another user are told from the operator by their user (dashboard/http/guard.ts), so they may connect to the
 * page. But no child may listen in its place or the server's: on another address of this machine, or when the master
 * has ended.
 */
function tcpRules(
  { network }: SandboxOptions,
  { isMastersUser, ports }: SandboxContext,
): LandlockPlan["tcp"] {
  if (network === "none") return null;
  const { page, server } = ports;
  const taken = [page, server].filter((port) => port !== null);
  if (taken.length === 0) return null;
  const hidesPage = isMastersUser && page !== null;
  return { connect: hidesPage ? { except: [page] } : "all", bind: { except: taken } };
}

/** Returns what a plan keeps the children from. */
export function partsOf(plan: SandboxPlan): ConfinementGap["what"][] {
  const parts: ConfinementGap["what"][] = ["system calls"];
  if (!plan.newPrivileges) parts.push("privileges");
  if (plan.denied.includes("network")) parts.push("network");
  return plan.landlock === null ? parts : [...parts, ...partsOfLandlock(plan.landlock)];
}

/** These rules keep children from the page, and not from all of TCP. */
export function isPageClosed(tcp: LandlockPlan["tcp"]): boolean {
  return tcp !== null && typeof tcp.connect === "object";
}

export function partsOfLandlock({ files, tcp, scope }: LandlockPlan): ConfinementGap["what"][] {
  const parts: ConfinementGap["what"][] = [];
  if (files !== null) parts.push("files");
  if (isPageClosed(tcp)) parts.push("page");
  if (scope.signals) parts.push("signals");
  return parts;
}
