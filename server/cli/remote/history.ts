import type { HistoryJson, SessionJson } from "../../../shared/api.ts";
import { formatAddress } from "../../../shared/address.ts";
import { MAX_RESULTS } from "../../../shared/history.ts";
import { formatTimestamp } from "../../../shared/timestamp.ts";
import { badValue } from "../../options/usage-error.ts";
import { parseAge, parseCount } from "../../options/parse.ts";
import { type Environment, isObject, type Remote, openRemote } from "./request.ts";
import { type Column, cut, formatColumns } from "./columns.ts";
import { parseCommand } from "./commands.ts";
import { shortBytes, shortTime, shortWait } from "./short-format.ts";
import { printJson, printLines, terminalWidth } from "./print.ts";

/** `brood history`: sessions, the newest first. */
export async function history(args: readonly string[], environment: Environment): Promise<number> {
  const { values } = parseCommand("history", args);
  const limit = parseCount("limit", values.limit ?? "50");
  const from = values.since === undefined ? undefined : sinceOf(values.since);
  const remote = openRemote(values, environment);
  const { address, reason } = values;
  const query = { address, reason, from };
  const width = terminalWidth();
  let titled = values["no-header"];
  for await (const sessions of pages(remote, query, limit)) {
    if (values.json) {
      for (const session of sessions) printJson(session);
      continue;
    }
    const lines = formatColumns(COLUMNS, sessions).map((line) => cut(line, width));
    printLines(titled ? lines.slice(1) : lines);
    titled = true;
  }
  return 0;
}

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

/** The moment that was so long ago, in ISO 8601. */
function sinceOf(text: string): string {
  const ms = parseAge("since", text);
  if (ms === 0) throw badValue("since", text, "a time such as 90s, 10m, 2h or 7d");
  return new Date(Date.now() - ms).toISOString();
}

const COLUMNS: Column<SessionJson>[] = [
  { title: "BEGUN", text: ({ startedAt }) => formatTimestamp(Date.parse(startedAt), "date") },
  { title: "ID", text: ({ id }) => id },
  { title: "PID", right: true, text: ({ pid }) => String(pid) },
  { title: "CLIENT", text: (session) => formatAddress(session.remoteAddress, session.remotePort) },
  { title: "LASTED", right: true, text: lasted },
  { title: "FIRST", right: true, text: ({ firstReplyMs }) => shortWait(firstReplyMs) },
  { title: "REQ", right: true, text: ({ requests }) => String(requests) },
  { title: "IN", right: true, text: ({ bytesIn }) => shortBytes(bytesIn) },
  { title: "OUT", right: true, text: ({ bytesOut }) => shortBytes(bytesOut) },
  { title: "CPU", right: true, text: ({ cpuMs }) => shortWait(cpuMs) },
  { title: "MEM", right: true, text: ({ maxResidentBytes }) => shortBytes(maxResidentBytes) },
  { title: "REASON", text: why },
];

function lasted({ startedAt, endedAt }: SessionJson): string {
  return endedAt === null ? "-" : shortTime(Date.parse(endedAt) - Date.parse(startedAt));
}

/** `crashed (SIGSEGV)`, `program failed (exit status 3)`, `quit`. */
function why({ reason, signal, exitCode }: SessionJson): string {
  const failed = reason === "crashed" || reason === "program failed";
  const how = signal ?? (failed && exitCode !== null ? `exit status ${exitCode}` : null);
  return how === null ? reason : `${reason} (${how})`;
}
