/** The script of a child's page: the state of its stream, its log, the way to a signal, its end. */
import { watchDialog } from "./dialog.ts";
import { element } from "./dom.ts";
import { mergeLog } from "./log.ts";
import { endStream, onEvent, watchStream } from "./stream.ts";
import { watchTimes } from "./time.ts";

watchTimes();
watchStream();
if (document.getElementById("menu") !== null) watchDialog();
onEvent("log", mergeLog);
onEvent("over", () => {
  endStream();
  element("stream").remove();
});
