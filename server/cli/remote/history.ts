import { formatAddress } from "../../../shared/address.ts";
import type { HistoryJson, SessionJson } from "../../../shared/api.ts";
import { MAX_RESULTS } from "../../../shared/history.ts";
import { formatTimestamp } from "../../../shared/timestamp.ts";
import { parseAge, parseCount } from "../../options/parse.ts";
import { badValue } from "../../options/usage-error.ts";
import { type Column, cut, formatColumns } from "./columns.ts";
import { parseCommand } from "./commands.ts";
import { printJson, printLines, terminalWidth } from "./print.ts";
import { type Environment, isObject, type Remote, openRemote } from "./request.ts";
import { shortBytes, shortTime, shortWait } from "./short-format.ts";

const COLUMNS: Column<SessionJson>[] = [
  { title: "STARTED", text: ({ startedAt }) => formatTimestamp(Date.parse(startedAt), "date") },
  { title: "ID", text: ({ id }) => id },
  { title: "PID", alignRight: true, text: ({ pid }) => String(pid) },
  { title: "CLIENT", text: (session) => formatAddress(session.remoteAddress, session.remotePort) },
  { title: "DURATION", alignRight: true, text: duration },
  { title: "FIRST", alignRight: true, text: ({ firstReplyMs }) => shortWait(firstReplyMs) },
  { title: "REQ", alignRight: true, text: ({ requests }) => String(requests) },
  { title: "IN", alignRight: true, text: ({ bytesIn }) => shortBytes(bytesIn) },
  { title: "OUT", alignRight: true, text: ({ bytesOut }) => shortBytes(bytesOut) },
  { title: "CPU", alignRight: true, text: ({ cpuMs }) => shortWait(cpuMs) },
  { title: "MEM", alignRight: true, text: ({ maxResidentBytes }) => shortBytes(maxResidentBytes) },
  { title: "REASON", text: describeReason },
];

/** `brood history`: lists sessions, newest first. */
export async function history(args: readonly string[], environment: Environment): Promise<number> {
  const { values } = parseCommand("history", args);
  const limit = parseCount("limit", values.limit ?? "50");
  const from = values.since === undefined ? undefined : startOf(values.since);
  const remote = openRemote(values, environment);
  const { address, reason } = values;
  const query = { address, reason, from };
  const width = terminalWidth();
  let skipHeader = values["no-header"];
  for await (const sessions of pages(remote, query, limit)) {
    if (values.json) {
      for (const session of sessions) printJson(session);
      continue;
    }
    const lines = formatColumns(COLUMNS, sessions).map((line) => cut(line, width));
    printLines(skipHeader ? lines.slice(1) : lines);
    skipHeader = true;
  }
  return 0;
}

/** Yields up to `limit` sessions in as many pages as that takes. */
async function* pages(
  remote: Remote,
  query: Record<string, string | undefined>,
  limit: number,
): AsyncGenerator<readonly SessionJson[]> {
  let left = limit;
  let after: string | undefined;
  do {
    const page = { ...query, after, limit: String(Math.min(left, MAX_RESULTS)) };
    const { sessions, next } = await remote.get("api/history", page, isHistory);
    yield sessions.slice(0, left);
    left -= sessions.length;
    after = sessions.length === 0 ? undefined : (next ?? undefined);
  } while (after !== undefined && left > 0);
}

function isHistory(json: unknown): json is HistoryJson {
  return isObject(json) && Array.isArray(json.sessions) && json.sessions.every(isObject);
}

/** Returns the start of the last `age` (`2h`, `7d`), in ISO 8601. */
function startOf(age: string): string {
  const ms = parseAge("since", age);
  if (ms === 0) throw badValue("since", age, "a time such as 90s, 10m, 2h or 7d");
  return new Date(Date.now() - ms).toISOString();
}

function duration({ startedAt, endedAt }: SessionJson): string {
  return endedAt === null ? "-" : shortTime(Date.parse(endedAt) - Date.parse(startedAt));
}

/** `crashed (SIGSEGV)`, `program failed (exit status 3)`, `quit`. */
function describeReason({ reason, signal, exitCode }: SessionJson): string {
  const isFailure = reason === "crashed" || reason === "program failed";
  const cause = signal ?? (isFailure && exitCode !== null ? `exit status ${exitCode}` : null);
  return cause === null ? reason : `${reason} (${cause})`;
}
