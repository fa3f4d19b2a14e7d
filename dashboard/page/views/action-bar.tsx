/** @jsxImportSource hono/jsx */
/** What can be done with the children that are selected. */
import { SIGNALS } from "../../../shared/signals.ts";
import { useTexts } from "../../http/viewer.tsx";

/** The script keeps the count, and shows the bar while there is one; without it the boxes are the form's own. */
export function ActionBar() {
  const { many } = useTexts();
  return (
    <form id="act" method="post" action="/kill" aria-label={many.label} data-count="0">
      <p id="selected" role="status" data-text={many.selected("#")} />
      <select name="signal" aria-label={many.signal}>
        {SIGNALS.map((signal) => (
          <option value={signal}>{signal}</option>
        ))}
      </select>
      <button id="kill-selected" type="submit" class="danger" data-text={many.kill("#")}>
        {many.killSelected}
      </button>
      <button id="clear-selected" type="button">
        {many.clear}
      </button>
    </form>
  );
}
