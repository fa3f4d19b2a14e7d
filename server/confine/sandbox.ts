/**
 * The children's sandbox: what the thread that starts them gives up, once, so that none of them has
 * it. This file has the plan for each kind of child; sandbox-thread.ts carries it out.
 *
 * | kind                       | files                                   | network        | privileges |
 * | -------------------------- | --------------------------------------- | -------------- | ---------- |
 * | `time`, `echo`, `chat`     | reads what it needs to run              | none           | no new ones |
 * | modules, `--exec`, `--pty` | what its user can, or as `--writable`   | as `--network` | no new ones, unless `--allow-privileges` |
 *
 * Children that share the master's user are also kept from its files and its page, since the kernel
 * does not tell them from the master.
 */
import type { ConfinementGap } from "../../shared/log.ts";
import type { SandboxOptions } from "../options/confine-flags.ts";
import { FLAGS } from "../options/flags.ts";
import type { Serving } from "../options/serving.ts";
import type { LandlockOutcome, LandlockPlan } from "../os/landlock.ts";
import { builtInFiles, type ProtectedFiles, programFiles } from "./sandbox-files.ts";

type Part = ConfinementGap["what"];

/** Passed to another thread as JSON. */
export interface SandboxPlan {
  /** Children may gain privileges by executing a file, as sudo does. */
  newPrivileges: boolean;
  /** A network namespace of their own, in addition to `denied`. */
  privateNetwork: boolean;
  /** A /proc that hides the processes of other users. */
  privateProc: boolean;
  /** An IPC namespace of their own, so that less outlives them. */
  privateIpc: boolean;
  landlock: LandlockPlan | null;
  denied: readonly DeniedCalls[];
}

/** The lists of system calls in server/os/denied-calls.ts. */
export type DeniedCalls =
  | "to all"
  | "to built-in"
  | "to same user"
  | "with TCP rules"
  | "network"
  | "Unix sockets"
  | "with polled memory"
  | "set-user-ID"
  | "user namespaces"
  | "attributes";

/** The parts of the plan that this machine cannot enforce. */
export type SandboxOutcome = ConfinementGap[];

export interface SandboxContext {
  serving: Serving;
  /** Each child has a user of its own. */
  ownUser: boolean;
  /** Children have the same user as the master. */
  isMastersUser: boolean;
  /** The master is root, and can make namespaces. */
  isRoot: boolean;
  /** Children are started by a shell, which sets their limits. */
  usesShell: boolean;
  /** The master measures the children's memory. */
  pollsMemory: boolean;
  files: ProtectedFiles;
  /** The TCP ports of the page, if there is one, and of the server. */
  ports: { page: number | null; server: number };
}

export function planSandbox(options: SandboxOptions, context: SandboxContext): SandboxPlan {
  return isBuiltIn(context.serving) ? planBuiltIn(context) : planProgram(options, context);
}

/** The chat is a module of brood's own. */
export function isBuiltIn(serving: Serving): boolean {
  return serving.kind === "built-in" || (serving.kind === "module" && serving.path === null);
}

function planBuiltIn({
  isMastersUser,
  isRoot,
  usesShell,
  pollsMemory,
  files,
}: SandboxContext): SandboxPlan {
  const denied: DeniedCalls[] = ["to all", "to built-in", "network", "attributes", "to same user"];
  if (pollsMemory) denied.push("with polled memory");
  return {
    newPrivileges: false,
    privateNetwork: isRoot,
    privateProc: isRoot && !isMastersUser,
    privateIpc: false, // `denied` has all of it
    landlock: {
      files: builtInFiles(files, usesShell),
      tcp: { connect: "none", bind: "none" },
      scope: { signals: true, abstractSockets: true },
    },
    denied,
  };
}

function planProgram(options: SandboxOptions, context: SandboxContext): SandboxPlan {
  const { ownUser, isMastersUser, isRoot, pollsMemory, files } = context;
  const { network, writable, allowPrivileges } = options;
  const denied: DeniedCalls[] = ["to all"];
  if (!allowPrivileges) denied.push("user namespaces");
  if (!ownUser) denied.push("to same user");
  if (pollsMemory) denied.push("with polled memory");
  if (network === "none") denied.push("network");
  if (isMastersUser) denied.push("set-user-ID");
  // With Unix sockets it could ask a program of the same user, such as systemd, to write for it.
  if (isMastersUser && writable !== null) denied.push("attributes", "Unix sockets");
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
    privateIpc: isRoot,
    landlock: needsLandlock
      ? { files: grants, tcp, scope: { signals: isMastersUser, abstractSockets: false } }
      : null,
    denied,
  };
}

/** Another server of this user may have its page here, perhaps without a password. */
const DEFAULT_PAGE_PORT = Number(FLAGS.dashboard.fallback.split(":").at(-1));

/**
 * Children of another user may connect to the page, which recognizes them by their user
 * (dashboard/http/guard.ts). But no child may listen on the page's port or the server's: not on
 * another address of this machine, and not after the master has ended.
 */
function tcpRules(
  { network }: SandboxOptions,
  { isMastersUser, ports }: SandboxContext,
): LandlockPlan["tcp"] {
  if (network === "none") return null;
  const { page, server } = ports;
  const taken = page === null ? [server] : [page, server];
  const hidesPage = isMastersUser && page !== null;
  return {
    connect: hidesPage ? { except: [page, DEFAULT_PAGE_PORT] } : "all",
    bind: { except: taken },
  };
}

/** Returns what a plan keeps the children from. */
export function partsOf(plan: SandboxPlan): Part[] {
  const parts: Part[] = ["system calls"];
  if (!plan.newPrivileges) parts.push("privileges");
  if (plan.denied.includes("network")) parts.push("network");
  return plan.landlock === null ? parts : [...parts, ...partsOfLandlock(plan.landlock)];
}

/**
 * Returns what Landlock does not keep the children from on this machine, although the plan says so.
 */
export function gapsOfLandlock(plan: LandlockPlan, outcome: LandlockOutcome): SandboxOutcome {
  if (!outcome.ok) return partsOfLandlock(plan).map((what) => ({ what, reason: outcome.reason }));
  const reason = `Landlock's version here is ${outcome.abi}`;
  const parts = outcome.missing.flatMap((gap): Part[] => {
    if (gap === "tcp") return partsOfTcp(plan.tcp);
    if (gap === "signals") return ["signals"];
    return gap === "truncate" ? ["files"] : [];
  });
  return parts.map((what) => ({ what, reason }));
}

function partsOfLandlock({ files, tcp, scope }: LandlockPlan): Part[] {
  const parts = partsOfTcp(tcp);
  if (files !== null) parts.push("files");
  if (scope.signals) parts.push("signals");
  return parts;
}

/** Rules that deny all of TCP don't count: `DENIED_WITHOUT_NETWORK` does that, too. */
function partsOfTcp(tcp: LandlockPlan["tcp"]): Part[] {
  const parts: Part[] = [];
  if (typeof tcp?.connect === "object") parts.push("page");
  if (typeof tcp?.bind === "object") parts.push("ports");
  return parts;
}
