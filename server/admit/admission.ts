/**
 * Between accept and hand-over, before a client has a process: it is
 * admitted, waits, or is refused.
 */
import type { MasterStatus } from "../../shared/master.ts";
import type { EndReason, RefuseReason } from "../../shared/outcome.ts";
import type { AcceptedClient } from "../accept/accept.ts";
import type { Limits } from "../options/options.ts";
import { isDescriptorExhaustion } from "../os/descriptor-exhaustion.ts";
import { createCandidates, type Occupancy } from "./candidates.ts";
import { admit, isTemporary } from "./policy.ts";
import type { Refuser } from "./refuse.ts";
import { createWaitQueue, type WaitingClient } from "./wait-queue.ts";

export interface Admission {
  /** Starts to admit clients. Before this and after `close` they are all refused. */
  open(entry: Entry): void;
  /** Takes ownership of the socket of an accepted client. */
  onAccepted(client: AcceptedClient): void;
  /** The same for a client that has one of the last descriptors. */
  onExhausted(client: AcceptedClient): void;
  /**
   * A session has ended, so there may be room. Its reason may earn the source a
   * penalty; null never does.
   */
  onEnded(source: string, reason: EndReason | null): void;
  counts(): Pick<MasterStatus, "received" | "waiting">;
  /** Refuses all clients from now on, including those that wait. */
  close(): void;
}

/** Where admitted clients go. */
export interface Entry {
  occupancy: Occupancy;
  /**
   * Gives a client its child and takes ownership of its socket. If it throws, the
   * socket stays the caller's.
   */
  begin(client: AcceptedClient, source: string): void;
  /** No descriptors are left. */
  onExhausted(): void;
}

/** `limits` returns those in force now. */
export function createAdmission(limits: () => Limits, refuser: Refuser): Admission {
  const candidates = createCandidates(limits);
  let entry: Entry | null = null;
  let received = 0;

  /** Returns why a client cannot be admitted now, or null. */
  function check(client: AcceptedClient, nowMs: number): RefuseReason | null {
    if (entry === null) return "server is stopping";
    return admit(candidates.candidate(client, entry.occupancy, nowMs), limits());
  }

  /** Admits a client, or returns why it cannot. */
  function tryAdmit(client: AcceptedClient, nowMs: number): RefuseReason | null {
    const reason = check(client, nowMs);
    if (entry === null || reason !== null) return reason;
    const source = candidates.sourceOf(client);
    candidates.countAdmitted(source, nowMs);
    try {
      entry.begin(client, source);
    } catch (error) {
      const isExhausted = isDescriptorExhaustion(error);
      const cause = isExhausted ? "out of descriptors" : "no process could be started";
      refuser.refuse(client, cause, String(error));
      if (isExhausted) entry.onExhausted();
    }
    return null;
  }

  const queue = createWaitQueue(tryAdmit, refuser.refuse);

  /**
   * Clients that wait come first: a new one must not take the room, or its source's
   * share, that they wait for.
   */
  function tryAdmitNew(client: AcceptedClient): RefuseReason | null {
    const nowMs = performance.now();
    if (queue.size === 0) return tryAdmit(client, nowMs);
    const source = candidates.sourceOf(client);
    const isAhead = (waiting: WaitingClient) =>
      isTemporary(waiting.reason) &&
      (waiting.reason === "too many clients" || candidates.sourceOf(waiting.client) === source);
    return check(client, nowMs) ?? queue.find(isAhead)?.reason ?? tryAdmit(client, nowMs);
  }

  return {
    open(newEntry) {
      entry = newEntry;
    },
    onAccepted(client) {
      received += 1;
      const reason = tryAdmitNew(client);
      if (reason === null) return;
      const { how, waitMs } = limits().refuse;
      if (how === "wait" && isTemporary(reason) && queue.add(client, reason, waitMs)) return;
      refuser.refuse(client, reason);
    },
    onExhausted(client) {
      received += 1;
      refuser.refuseAndClose(client, "out of descriptors");
      entry?.onExhausted();
    },
    onEnded(source, reason) {
      if (reason !== null) candidates.countEnded(source, reason, performance.now());
      queue.retry();
    },
    counts: () => ({ received, waiting: queue.size }),
    close() {
      entry = null;
      queue.close("server is stopping");
    },
  };
}
