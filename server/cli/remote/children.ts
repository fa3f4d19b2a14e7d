/** The children of a server, and how a line shows one. */
import { formatAddress } from "../../../shared/address.ts";
import type { ChildJson, SortKey } from "../../../shared/api.ts";
import { isObject, type Remote } from "./request.ts";
import type { Column } from "./columns.ts";
import { shortBytes, shortTime } from "./short-format.ts";

/** Of these one looks for the most first. */
const MOST_FIRST: ReadonlySet<SortKey> = new Set<SortKey>([
  "reply",
  "idle",
  "cpu",
  "memory",
  "resident",
  "requests",
  "in",
  "out",
]);

export interface ListOptions {
  sort?: SortKey | undefined;
  /** The other way than one would look for it. */
  reverse?: boolean | undefined;
  filter?: string | undefined;
}

export async function listChildren(
  remote: Remote,
  { sort = "since", reverse = false, filter }: ListOptions = {},
): Promise<readonly ChildJson[]> {
  const descending = MOST_FIRST.has(sort) !== reverse;
  const query = { sort, filter, dir: descending ? "desc" : "asc" };
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

/** `now` in ms since the epoch. */
export function childColumns(now: number): Column<ChildJson>[] {
  return [
    { title: "PID", right: true, text: ({ pid }) => String(pid) },
    { title: "ID", text: ({ id }) => id },
    { title: "CLIENT", text: (child) => formatAddress(child.remoteAddress, child.remotePort) },
    { title: "AGE", right: true, text: ({ startedAt }) => shortTime(now - Date.parse(startedAt)) },
    {
      title: "IDLE",
      right: true,
      text: (child) => shortTime(now - Date.parse(child.lastActiveAt)),
    },
    { title: "CPU%", right: true, text: ({ cpuPercent }) => cpuPercent?.toFixed(1) ?? "-" },
    { title: "MEM", right: true, text: ({ privateBytes }) => shortBytes(privateBytes) },
    { title: "IN", right: true, text: ({ bytesIn }) => shortBytes(bytesIn) },
    { title: "OUT", right: true, text: ({ bytesOut }) => shortBytes(bytesOut) },
    { title: "STATE", text: ({ state, stopped }) => (stopped ? "stopped" : state) },
    { title: "COMMAND", text: ({ below, lastCommand }) => firstLine(below) || lastCommand || "-" },
  ];
}

function firstLine(text: string | null): string {
  const [first = "", ...more] = text?.split("\n") ?? [];
  return more.length === 0 ? first : `${first} …`;
}
