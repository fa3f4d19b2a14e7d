/**
 * A child: one process, one client, then the end. It speaks what is built in; module-child.ts and
 * terminal-child.ts are for the rest, so that none of them loads what it does not use.
 *
 * Compiled or bundled before the first client comes: nobody waits for that.
 */
import { CLIENT_FD, exitChild, parseChildStart } from "../channel/child-start.ts";
import { formatLocalTime } from "../channel/local-time.ts";
import { type Reporter, createReporter } from "../channel/report.ts";
import { type FirstExchange, serveClient } from "./serve-client.ts";
import { createService } from "./services/built-in.ts";
import type { Task } from "../channel/task.ts";

const { role, task } = parseChildStart();
if (role === "client") serve(CLIENT_FD, task, createReporter(), exitChild);
else if (role === "spare") {
  void import("./spare-child.ts").then(({ becomeSpare }) =>
    becomeSpare(CLIENT_FD, task, serve, exitChild),
  );
}

function serve(
  fd: number,
  task: Task,
  report: Reporter,
  end: () => void,
  first?: FirstExchange,
): void {
  const { serving, utcOffset } = task;
  if (serving.kind !== "built-in") throw new Error(`this child cannot speak ${serving.kind}`);
  const localTime = () => formatLocalTime(utcOffset);
  const speak = () => createService(serving.name, report.request, localTime);
  serveClient(fd, task, speak, report, end, first);
}
