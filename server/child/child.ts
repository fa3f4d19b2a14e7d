/**
 * A child with a built-in service: it serves one client and exits. module-child.ts and terminal-child.ts
 * are for everything else, so that no child loads what it does not use. They are bundled before the first client
 * comes, so that no client waits for that.
 */
import { CLIENT_FD, exitChild, parseChildStart } from "../channel/child-start.ts";
import { formatLocalTime } from "../channel/local-time.ts";
import { type Reporter, createReporter } from "../channel/report.ts";
import type { Task } from "../channel/task.ts";
import { type FirstExchange, serveClient } from "./serve-client.ts";
import { startBuiltIn } from "./services/built-in.ts";

const { role, task, channel } = parseChildStart();
if (role === "client") serve(CLIENT_FD, task, createReporter(channel), exitChild);
else if (role === "spare") {
  void import("./spare-child.ts").then(({ becomeSpare }) =>
    becomeSpare(CLIENT_FD, task, channel, serve, exitChild),
  );
}

/** Takes ownership of `fd`. */
function serve(
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
