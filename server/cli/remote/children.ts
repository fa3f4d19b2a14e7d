/** The children of a server, and the columns that show them. */
import { formatAddress } from "../../../shared/address.ts";
import type { ChildJson, SortKey } from "../../../shared/api.ts";
import type { Column } from "./columns.ts";
import { isObject, type Remote } from "./request.ts";
import { shortBytes, shortTime } from "./short-format.ts";

/** The order in which a column is sorted unless it is reversed: figures largest first. */
const ORDERS: Record<SortKey, "asc" | "desc"> = {
  pid: "asc",
  id: "asc",
  client: "asc",
  source: "asc",
  since: "asc",
  reply: "desc",
  idle: "desc",
  cpu: "desc",
  memory: "desc",
  resident: "desc",
  requests: "desc",
  in: "desc",
  out: "desc",
  command: "asc",
  state: "asc",
};

export interface ListOptions {
  sort?: SortKey | undefined;
  /** Reverses the order that the column has in `ORDERS`. */
  reverse?: boolean | undefined;
  filter?: string | undefined;
}

/** Returns the live children that match the filter. @throws as `Remote.get` */
export async function listChildren(
  remote: Remote,
  { sort = "since", reverse = false, filter }: ListOptions = {},
): Promise<readonly ChildJson[]> {
  const isDescending = (ORDERS[sort] === "desc") !== reverse;
  const query = { sort, filter, dir: isDescending ? "desc" : "asc" };
  return remote.get("api/children", query, isChildren);
}

function isChildren(json: unknown): json is ChildJson[] {
  return (
    Array.isArray(json) &&
    json.every(
      (child) => isObject(child) && typeof child.id === "string" && typeof child.pid === "number",
    )
  );
}

/** Returns the columns of a list of children at the moment `now`, in ms since the epoch. */
export function childColumns(now: number): Column<ChildJson>[] {
  return [
    { title: "PID", alignRight: true, text: ({ pid }) => String(pid) },
    { title: "ID", text: ({ id }) => id },
    { title: "CLIENT", text: (child) => formatAddress(child.remoteAddress, child.remotePort) },
    {
      title: "AGE",
      alignRight: true,
      text: ({ startedAt }) => shortTime(now - Date.parse(startedAt)),
    },
    {
      title: "IDLE",
      alignRight: true,
      text: ({ lastActiveAt }) => shortTime(now - Date.parse(lastActiveAt)),
    },
    { title: "CPU%", alignRight: true, text: ({ cpuPercent }) => cpuPercent?.toFixed(1) ?? "-" },
    { title: "MEM", alignRight: true, text: ({ privateBytes }) => shortBytes(privateBytes) },
    { title: "IN", alignRight: true, text: ({ bytesIn }) => shortBytes(bytesIn) },
    { title: "OUT", alignRight: true, text: ({ bytesOut }) => shortBytes(bytesOut) },
    { title: "STATE", text: ({ state, stopped }) => (stopped ? "stopped" : state) },
    { title: "COMMAND", text: ({ below, lastCommand }) => firstLine(below) || lastCommand || "-" },
  ];
}

function firstLine(text: string | null): string {
  const [first = "", ...more] = text?.split("\n") ?? [];
  return more.length === 0 ? first : `${first} …`;
}
