/** Carries out the plan of sandbox.ts, in the thread that starts the children. */
import type { ConfinementGap } from "../../shared/log.ts";
import {
  DENIED_ATTRIBUTES,
  DENIED_SET_USER_ID,
  DENIED_TO_ALL,
  DENIED_TO_BUILT_IN,
  DENIED_UNIX_SOCKETS,
  DENIED_USER_NAMESPACES,
  DENIED_WITHOUT_NETWORK,
  DENIED_WITH_POLLED_MEMORY,
  DENIED_WITH_TCP_RULES,
  deniedToSameUser,
} from "../os/denied-calls.ts";
import type { ConfineOutcome } from "../os/confine-outcome.ts";
import { restrictWithLandlock } from "../os/landlock.ts";
import { enterPrivateIpc } from "../os/ipc-namespace.ts";
import { enterPrivateNetwork } from "../os/network-namespace.ts";
import { setNoNewPrivs } from "../os/no-new-privs.ts";
import { enterPrivateProc } from "../os/private-proc.ts";
import { denySystemCalls } from "../os/seccomp.ts";
import type { DeniedCall } from "../os/seccomp-filter.ts";
import {
  type DeniedCalls,
  gapsOfLandlock,
  type SandboxOutcome,
  type SandboxPlan,
} from "./sandbox.ts";

const DENIED: Record<DeniedCalls, () => readonly DeniedCall[]> = {
  "to all": () => DENIED_TO_ALL,
  "to built-in": () => DENIED_TO_BUILT_IN,
  "to same user": deniedToSameUser,
  "with TCP rules": () => DENIED_WITH_TCP_RULES,
  network: () => DENIED_WITHOUT_NETWORK,
  "Unix sockets": () => DENIED_UNIX_SOCKETS,
  "with polled memory": () => DENIED_WITH_POLLED_MEMORY,
  "set-user-ID": () => DENIED_SET_USER_ID,
  "user namespaces": () => DENIED_USER_NAMESPACES,
  attributes: () => DENIED_ATTRIBUTES,
};

/**
 * Confines the calling thread, and what it starts, for good. Returns the parts of the plan that
 * this machine cannot enforce.
 */
export function confineThread(plan: SandboxPlan): SandboxOutcome {
  const gaps: ConfinementGap[] = [];
  // If this fails, sockets can still be neither made nor connected: `denied` has these calls.
  if (plan.privateNetwork) enterPrivateNetwork();
  const addGap = (what: ConfinementGap["what"], outcome: ConfineOutcome) => {
    if (!outcome.ok) gaps.push({ what, reason: outcome.reason });
  };
  if (plan.privateIpc) addGap("IPC", enterPrivateIpc());
  if (plan.privateProc) addGap("processes", enterPrivateProc());
  if (!plan.newPrivileges) addGap("privileges", setNoNewPrivs());
  if (plan.landlock !== null) {
    gaps.push(...gapsOfLandlock(plan.landlock, restrictWithLandlock(plan.landlock)));
  }
  const denied = denySystemCalls(plan.denied.flatMap((name) => DENIED[name]()));
  if (!denied.ok) {
    gaps.push({ what: "system calls", reason: denied.reason });
    if (plan.denied.includes("network")) gaps.push({ what: "network", reason: denied.reason });
  }
  return gaps;
}
