/**
 * A child: one process, one client, then the end. Where it comes from:
 *
 *     child JSON    cold: started for a client, whose socket is descriptor 3
 *     spare JSON    a spare: started ahead, waits for its client's socket on descriptor 3
 *     probe {}      nothing: the master looks whether a child can start at all
 *
 * Compiled or bundled before the first client comes: nobody waits for that.
 */
import { reporter } from "./report.ts";
import { serveClient, type Task } from "./serve-client.ts";

/** The client's socket, or that on which it will come. */
const GIVEN_FD = 3;

const [kind, json] = process.argv.slice(2);
if (json === undefined) {
  process.stderr.write("brood: children are started by the server. Try --help.\n");
  process.exit(2);
}
const task = JSON.parse(json) as Task;
if (task.orphans === "leave") process.once("disconnect", leave);
if (kind === "spare") {
  void import("./spare.ts").then(({ becomeSpare }) => becomeSpare(GIVEN_FD, task, leave));
} else if (kind === "child") serveClient(GIVEN_FD, task, reporter(), leave);

function leave(): void {
  process.exit(0);
}
