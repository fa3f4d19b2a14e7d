/** @jsxImportSource hono/jsx */
/** The table's columns, page size and refresh rate: parts of the page's form. */
import { SORT_KEYS } from "../../../shared/api.ts";
import type { Serves } from "../../../shared/master.ts";
import { useTexts } from "../../http/viewer.tsx";
import { DEFAULT_VIEW, PAGE_SIZES, pagingKey, REFRESH_SECONDS, type View } from "../view.ts";
import { columnTitle } from "./columns.tsx";

export function TableOptions({ view, serves }: { view: View; serves: Serves }) {
  const texts = useTexts();
  const { table } = texts;
  return (
    <details id="columns" class="options">
      <summary class="button">{table.columns}</summary>
      <div>
        {/* Forms leave out checkboxes that are not ticked: without this, no columns would look like the default. */}
        <input type="hidden" name="cols" value="pid" />
        <CurrentPage view={view} />
        {SORT_KEYS.filter((key) => key !== "pid").map((key) => (
          <label>
            <input
              id={`cols-${key}`}
              type="checkbox"
              name="cols"
              value={key}
              checked={view.columns.includes(key)}
            />
            {columnTitle(texts, key, serves === "built-in")}
          </label>
        ))}
        <label>
          {table.rows}
          <select id="page-size" name="rows">
            {PAGE_SIZES.map((size) => (
              <option value={size} selected={size === view.pageSize}>
                {size}
              </option>
            ))}
          </select>
        </label>
      </div>
    </details>
  );
}

/** Keeps the form on its page as long as the filter and the order stay the same. */
function CurrentPage({ view }: { view: View }) {
  if (view.from === DEFAULT_VIEW.from) return null;
  return (
    <>
      <input type="hidden" name="from" value={view.from} />
      <input type="hidden" name="of" value={pagingKey(view)} />
    </>
  );
}

export function RefreshRate({ view }: { view: View }) {
  const { rate, every } = useTexts().table;
  return (
    <select id="every" name="every" aria-label={rate}>
      {REFRESH_SECONDS.map((seconds) => (
        <option value={seconds} selected={seconds === view.refreshSeconds}>
          {every(seconds)}
        </option>
      ))}
    </select>
  );
}
