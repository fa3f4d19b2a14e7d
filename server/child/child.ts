/**
 * A child with a built-in service: it serves one client and exits. built-in-spare.ts,
 * module-child.ts and terminal-child.ts are for everything else, so that no child loads what it
 * does not use. They are bundled before the first client comes, so that no client waits for that.
 */
import { CLIENT_FD, exitChild, parseChildStart } from "../channel/child-start.ts";
import { createReporter } from "../channel/report.ts";
import { reportCrash } from "./crash.ts";
import { serveBuiltIn } from "./serve-built-in.ts";

const { role, task, channel } = parseChildStart();
reportCrash(channel);
if (role === "client") serveBuiltIn(CLIENT_FD, task, createReporter(channel), exitChild);
