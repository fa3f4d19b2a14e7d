/** A spare with a built-in service. Otherwise like child.ts. */
import { CLIENT_FD, exitChild, parseChildStart } from "../channel/child-start.ts";
import { reportCrash } from "./crash.ts";
import { serveBuiltIn } from "./serve-built-in.ts";
import { becomeSpare } from "./spare-child.ts";

const { task, channel } = parseChildStart();
reportCrash(channel);
void becomeSpare(CLIENT_FD, task, channel, serveBuiltIn, exitChild);
