/** @jsxImportSource hono/jsx */
/** Actions on the selected children. */
import { SIGNALS } from "../../../shared/signals.ts";
import { useTexts } from "../../http/viewer.tsx";

/**
 * The script updates the count and shows the bar while it is above 0; without a script
 * the form works by itself.
 */
export function ActionBar() {
  const { many } = useTexts();
  return (
    <form id="action-bar" method="post" action="/kill" aria-label={many.label} data-count="0">
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
