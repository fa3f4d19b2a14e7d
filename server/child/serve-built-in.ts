/** Serves a client with a built-in service. */
import { formatLocalTime } from "../channel/local-time.ts";
import type { Reporter } from "../channel/report.ts";
import type { Task } from "../channel/task.ts";
import { type FirstExchange, serveClient } from "./serve-client.ts";
import { startBuiltIn } from "./services/built-in.ts";

/** Takes ownership of `fd`. Calls `onClosed` when the session is over. */
export function serveBuiltIn(
  fd: number,
  task: Task,
  report: Reporter,
  onClosed: () => void,
  first?: FirstExchange,
): void {
  const { serving, utcOffset } = task;
  if (serving.kind !== "built-in") throw new Error(`this child cannot serve ${serving.kind}`);
  const localTime = () => formatLocalTime(utcOffset);
  const start = () => startBuiltIn(serving.name, report.request, localTime);
  serveClient(fd, task, start, report, onClosed, first);
}
