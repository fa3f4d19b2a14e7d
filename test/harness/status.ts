/** The master's status over HTTP. */
import type { MasterStatus } from "../../shared/master.ts";
import type { Server } from "./server.ts";

/** In JSON, dates are strings. */
export type Status = Omit<MasterStatus, "startedAt" | "until"> & { until: string | null };

export async function readStatus(server: Pick<Server, "url">): Promise<Status> {
  return (await (await fetch(`${server.url}api/master`)).json()) as Status;
}
