/**
 * The script of a child's page: its stream, its log, the signal dialog, and what
 * happens when the session ends.
 */
import { watchDialog } from "./dialog.ts";
import { element } from "./dom.ts";
import { mergeLog } from "./log.ts";
import { endStream, onEvent, watchStream } from "./stream.ts";

export function watchChild(): void {
  watchStream();
  watchDialog();
  onEvent("log", mergeLog);
  onEvent("ended", () => {
    endStream();
    // Otherwise htmx would reopen the stream; and nothing is left to pause.
    element("stream").remove();
    element("pause").remove();
  });
}
