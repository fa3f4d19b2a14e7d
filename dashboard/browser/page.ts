/**
 * The page's script does what only the browser can do. The server renders everything; this shows
 * times in the viewer's time zone, decides when a row may move, shows the state of the stream, and
 * opens the dialog and the menu.
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

/** The main page: the tree, the children and the log. */
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
  // A message comes at least every 2 s, so whatever was locked is updated soon after its release.
  document.addEventListener("htmx:sse:after:message", () => {
    settleRows();
    settleTree();
  });
  document.addEventListener("htmx:after:settle", (event) => {
    if (event.target === document.getElementById("view")) showSelection();
  });
}
