/**
 * The page's script: what the browser alone can know. The server renders everything; this decides
 * when a row may move, keeps the state of the stream in sight, and opens the dialog and the menu.
 */
import { watchDialog } from "./dialog.ts";
import { watchFinding } from "./find.ts";
import { mergeLog } from "./log.ts";
import { mergeRows, settleRows, watchRows } from "./rows.ts";
import { onEvent, watchStream } from "./stream.ts";
import { watchTimes } from "./time.ts";
import { settleTree, showTree, watchTree } from "./tree.ts";

watchTimes();
watchStream();
watchDialog();
watchFinding();
watchRows();
watchTree();

onEvent("rows", mergeRows);
onEvent("tree", showTree);
onEvent("log", mergeLog);
// Something comes every other second, so what was held back is never long overdue.
document.addEventListener("htmx:sse:after:message", () => {
  settleRows();
  settleTree();
});
