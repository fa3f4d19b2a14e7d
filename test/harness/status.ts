/** What the master says of itself over HTTP. */
import type { MasterStatus } from "../../shared/master.ts";
import type { Server } from "./server.ts";

/** Dates are text in JSON. */
export type Status = Omit<MasterStatus, "startedAt" | "until"> & { until: string | null };

export async function readStatus(server: Pick<Server, "url">): Promise<Status> {
  return (await (await fetch(`${server.url}api/master`)).json()) as Status;
}
