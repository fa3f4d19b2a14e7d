/**
 * Refuses a client: one line that says why and a clean end, counted and logged, without a process.
 */
import type { LogEvent } from "../../shared/log.ts";
import type { MasterStatus } from "../../shared/master.ts";
import type { RefuseReason } from "../../shared/outcome.ts";
import type { AcceptedClient, RefusedSocketHandlers } from "../accept/accept.ts";
import type { Limits } from "../options/options.ts";
import { createLingering } from "./linger.ts";
import { createRefusalCounts } from "./refusals.ts";

/** All methods that take a client take ownership of its socket. */
export interface Refuser {
  /** `detail` says more about the reason in the log. */
  refuse(client: AcceptedClient, reason: RefuseReason, detail?: string): void;
  /** Closes the socket immediately, though the line may be lost: its descriptor is needed. */
  refuseAndClose(client: AcceptedClient, reason: RefuseReason): void;
  /**
   * Refuses a client that was admitted, but whose process could not be started. It is not counted
   * as refused: it was counted as accepted, and its session ends with a reason of its own.
   */
  turnAway(client: AcceptedClient): void;
  counts(): Pick<MasterStatus, "refused" | "refusals">;
  /** For the listener that accepted the clients. */
  readonly socketHandlers: RefusedSocketHandlers;
  /** Closes all sockets, and logs how many refusals were not logged yet. */
  close(): void;
}

/** What a refused client reads, if it is not just the reason. */
const LINES: Partial<Record<RefuseReason, string>> = {
  "out of descriptors": "the server is out of descriptors, try again later",
  "no process could be started": "the server could not start a process for you, try again later",
};

/** `limits` returns those in force now. */
export function createRefuser(limits: () => Limits, log: (event: LogEvent) => void): Refuser {
  const counts = createRefusalCounts(log);
  const lingering = createLingering();

  /** Null with `--refuse close`, which sends nothing. */
  function lineFor(reason: RefuseReason): string | null {
    return limits().refuse.how === "close" ? null : (LINES[reason] ?? reason);
  }

  function send({ socket }: AcceptedClient, reason: RefuseReason): void {
    const line = lineFor(reason);
    if (line === null) socket.end();
    else lingering.end(socket, line);
  }

  return {
    refuse(client, reason, detail) {
      send(client, reason);
      counts.add(client, reason, detail ?? null);
    },
    refuseAndClose(client, reason) {
      const line = lineFor(reason);
      if (line !== null) client.socket.write(`${line}\r\n`);
      client.socket.end();
      counts.add(client, reason, null);
    },
    turnAway: (client) => send(client, "no process could be started"),
    counts: () => ({ refused: counts.total, refusals: counts.list() }),
    socketHandlers: lingering.socketHandlers,
    close() {
      counts.flush();
      lingering.close();
    },
  };
}
