/** Carries out the plan of sandbox.ts, in the thread that starts the children. */
import type { ConfinementGap } from "../../shared/log.ts";
import {
  DENIED_TO_ALL,
  DENIED_UNIX_SOCKETS,
  DENIED_WITHOUT_NETWORK,
  DENIED_WITH_TCP_RULES,
  deniedToSameUser,
} from "../os/denied-calls.ts";
import { type LandlockPlan, restrictWithLandlock } from "../os/landlock.ts";
import { enterPrivateNetwork } from "../os/network-namespace.ts";
import { setNoNewPrivs } from "../os/no-new-privs.ts";
import { enterPrivateProc } from "../os/private-proc.ts";
import { denySystemCalls } from "../os/seccomp.ts";
import type { DeniedCall } from "../os/seccomp-filter.ts";
import {
  type DeniedCalls,
  isPageClosed,
  partsOfLandlock,
  type SandboxOutcome,
  type SandboxPlan,
} from "./sandbox.ts";

type Part = ConfinementGap["what"];

const DENIED: Record<DeniedCalls, () => readonly DeniedCall[]> = {
  "to all": () => DENIED_TO_ALL,
  "to same user": deniedToSameUser,
  "with TCP rules": () => DENIED_WITH_TCP_RULES,
  network: () => DENIED_WITHOUT_NETWORK,
  "Unix sockets": () => DENIED_UNIX_SOCKETS,
};

/** Confines the calling thread, and what it starts, for good. Returns what of the plan this machine cannot do. */
export function confineThread(plan: SandboxPlan): SandboxOutcome {
  const gaps: ConfinementGap[] = [];
  // Without a namespace, no socket can be made nor connected: `denied` has these calls.
  if (plan.privateNetwork) enterPrivateNetwork();
  if (plan.privateProc) {
    const outcome = enterPrivateProc();
    if (!outcome.ok) gaps.push({ what: "processes", reason: outcome.reason });
  }
  if (!plan.newPrivileges) {
    const outcome = setNoNewPrivs();
    if (!outcome.ok) gaps.push({ what: "privileges", reason: outcome.reason });
  }
  if (plan.landlock !== null) gaps.push(...restrict(plan.landlock));
  const denied = denySystemCalls(plan.denied.flatMap((name) => DENIED[name]()));
  if (!denied.ok) {
    gaps.push({ what: "system calls", reason: denied.reason });
    if (plan.denied.includes("network")) gaps.push({ what: "network", reason: denied.reason });
  }
  return gaps;
}

function restrict(plan: LandlockPlan): ConfinementGap[] {
  const outcome = restrictWithLandlock(plan);
  if (!outcome.ok) return partsOfLandlock(plan).map((what) => ({ what, reason: outcome.reason }));
  const reason = `Landlock's version here is ${outcome.abi}`;
  const parts = outcome.missing.flatMap((gap): Part[] => {
    if (gap === "tcp") return isPageClosed(plan.tcp) ? ["page"] : [];
    if (gap === "signals") return ["signals"];
    return gap === "truncate" ? ["files"] : [];
  });
  return parts.map((what) => ({ what, reason }));
}
