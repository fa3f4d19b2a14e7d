/** A child's page: the state of its stream, its log, the way to a signal, its end. */
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
    // It would be opened again, and there is nothing left to pause.
    element("stream").remove();
    element("pause").remove();
  });
}
