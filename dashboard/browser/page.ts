/**
 * The page's script: what the browser alone can know. The server renders everything; this shows times as
 * the reader's clock does, decides when a row may move, keeps the state of the stream in sight, and opens
 * the dialog and the menu.
 */
import { watchChild } from "./child.ts";
import { watchDialog } from "./dialog.ts";
import { watchRowLinks } from "./find-rows.ts";
import { watchKeys } from "./keys.ts";
import { watchPageShortcuts } from "./page-shortcuts.ts";
import { mergeLog } from "./log.ts";
import { watchGroups } from "./groups.ts";
import { mergeRows, settleRows, watchRows } from "./rows.ts";
import { watchSearch } from "./search.ts";
import { showSelection, watchSelection } from "./select.ts";
import { onEvent, watchStream } from "./stream.ts";
import { watchTimes } from "./time.ts";
import { settleTree, showTree, watchTree } from "./tree.ts";

watchTimes();
watchPageShortcuts();
const search = document.getElementById("search");
if (search instanceof HTMLFormElement) watchSearch(search);
if (document.getElementById("view") !== null) watchView();
if (document.getElementById("child") !== null) watchChild();

/** The tree, the children and the log, which only one of the pages has. */
function watchView(): void {
  watchStream();
  watchDialog();
  watchRowLinks();
  watchRows();
  watchTree();
  watchGroups();
  watchSelection();
  watchKeys();

  onEvent("rows", (html) => {
    mergeRows(html);
    showSelection();
  });
  onEvent("tree", showTree);
  onEvent("log", mergeLog);
  // Something comes every other second, so what was held back is never long overdue.
  document.addEventListener("htmx:sse:after:message", () => {
    settleRows();
    settleTree();
  });
  document.addEventListener("htmx:after:settle", (event) => {
    if (event.target === document.getElementById("view")) showSelection();
  });
}
