/**
 * Between accept and hand-over: who has come is let in, waits, or is refused. No process exists yet, and the
 * master answers the refused by itself.
 */
import type { LogEvent } from "../../shared/log.ts";
import type { MasterStatus } from "../../shared/master.ts";
import type { AcceptedClient } from "../accept/accept.ts";
import { admit, isTemporary } from "./policy.ts";
import type { Limits } from "../options/options.ts";
import { isDescriptorExhaustion } from "../os/descriptor-exhaustion.ts";
import { createPenalties } from "./penalty.ts";
import { createRateLimit } from "./rate.ts";
import { createRefusalCounts } from "./refusals.ts";
import { closeRefused, refuse, refuseAndClose } from "./refuse.ts";
import { sourceOf } from "../options/source.ts";
import { createWaitQueue } from "./wait-queue.ts";
import type { EndReason, RefuseReason } from "../../shared/outcome.ts";

export interface Admission {
  /** Takes a client that was accepted. */
  onAccepted(client: AcceptedClient): void;
  /** Takes a client that has one of the last descriptors. */
  onExhausted(client: AcceptedClient): void;
  /** Refuses a client that was admitted and whose child then could not be started. Takes the socket. */
  turnAway(client: AcceptedClient): void;
  /** A session has ended: there may be room, and its source may have earned a penalty; not with null. */
  ended(source: string, reason: EndReason | null): void;
  counts(): Pick<MasterStatus, "received" | "refused" | "waiting" | "refusals">;
  /** From now on everybody is refused, those who wait too. */
  close(): void;
  /** Waits for none of the refused any more, and tells of those that were not listed. */
  end(): void;
}

/** How many clients are live now, derived from the session table. */
export interface Occupancy {
  total(): number;
  ofSource(source: string): number;
}

/** What the refused are told; the reason itself where nothing stands here. */
const LINES: Partial<Record<RefuseReason, string>> = {
  "out of descriptors": "no descriptor is left for you, try again later",
  "no process could be started": "no process could be started for you, try again later",
};

export function refusalLine(reason: RefuseReason): string {
  return LINES[reason] ?? reason;
}

/**
 * `begin` gives a client its child; on a throw the socket is still ours. `onExhaustion` is called when there
 * are no descriptors left.
 */
export function createAdmission(
  limits: () => Limits,
  occupancy: Occupancy,
  begin: (client: AcceptedClient, source: string) => void,
  onExhaustion: () => void,
  log: (event: LogEvent) => void,
): Admission {
  const rate = createRateLimit();
  const offences = createPenalties();
  const refusals = createRefusalCounts(log);
  const waiting = createWaitQueue(enter, (client, reason) => turnAway(client, reason));
  let received = 0;
  let closed = false;

  function sourceNow(client: AcceptedClient): string {
    return sourceOf(client.remoteAddress, limits().source);
  }

  /** The reason not to let a client in now; null: there is none. */
  function judge(client: AcceptedClient, now: number): RefuseReason | null {
    const { penaltyMs, rate: allowed } = limits();
    const source = sourceNow(client);
    const arrival = {
      remoteAddress: client.remoteAddress,
      shutOut: offences.shutOut(source, penaltyMs, now),
      tooSoon: rate.tooSoon(source, allowed, now),
      fromSource: occupancy.ofSource(source),
      live: occupancy.total(),
    };
    return admit(arrival, limits());
  }

  /** Those who wait come first to what a newcomer would take: room, or its source's share. */
  function newcomer(client: AcceptedClient): RefuseReason | null {
    const now = performance.now();
    if (waiting.size === 0) return enter(client, now);
    const reason = judge(client, now);
    if (reason !== null) return reason;
    const source = sourceNow(client);
    const ahead = waiting.find(
      (other) =>
        isTemporary(other.reason) &&
        (other.reason === "too many clients" || sourceNow(other.client) === source),
    );
    return ahead?.reason ?? enter(client, now);
  }

  /** Lets a client in, or gives the reason why not. */
  function enter(client: AcceptedClient, now: number): RefuseReason | null {
    const reason = judge(client, now);
    if (reason !== null) return reason;
    const source = sourceNow(client);
    rate.count(source, limits().rate, now);
    try {
      begin(client, source);
    } catch (error) {
      const exhausted = isDescriptorExhaustion(error);
      const reason = exhausted ? "out of descriptors" : "no process could be started";
      turnAway(client, reason, String(error));
      if (exhausted) onExhaustion();
    }
    return null;
  }

  function turnAway(
    client: AcceptedClient,
    reason: RefuseReason,
    detail: string | null = null,
  ): void {
    refuse(client.socket, lineOf(reason));
    refusals.count(client, reason, detail);
  }

  function lineOf(reason: RefuseReason): string | null {
    return limits().refuse.how === "close" ? null : refusalLine(reason);
  }

  return {
    onAccepted(client) {
      received += 1;
      const reason = closed ? "server is stopping" : newcomer(client);
      if (reason === null) return;
      const { how, waitMs } = limits().refuse;
      if (how === "wait" && isTemporary(reason) && waiting.add(client, reason, waitMs)) return;
      turnAway(client, reason);
    },
    onExhausted(client) {
      received += 1;
      refuseAndClose(client.socket, lineOf("out of descriptors"));
      refusals.count(client, "out of descriptors", null);
      onExhaustion();
    },
    // Not counted as refused: it was counted as accepted, and its session ends with a reason of its own.
    turnAway: ({ socket }) => refuse(socket, lineOf("no process could be started")),
    ended(source, reason) {
      if (reason !== null) {
        offences.ended(source, reason, limits().penaltyMs, performance.now());
      }
      waiting.look();
    },
    counts: () => ({
      received,
      refused: refusals.total,
      waiting: waiting.size,
      refusals: refusals.list(),
    }),
    close() {
      closed = true;
      waiting.close("server is stopping");
    },
    end() {
      refusals.flush();
      closeRefused();
    },
  };
}
