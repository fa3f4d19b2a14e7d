/** @jsxImportSource hono/jsx */
/**
 * The table of children with its filter, options and pages, and below it the spares and the rooms.
 */
import { SORT_KEYS } from "../../../shared/api.ts";
import type { Serves } from "../../../shared/master.ts";
import { useTexts } from "../../http/viewer.tsx";
import type { Sample } from "../sample.ts";
import { selectRows, type SelectedRows } from "../select-rows.ts";
import type { View } from "../view.ts";
import { Children, EmptyNotice } from "./children.tsx";
import { columnTitle } from "./columns.tsx";
import { TableOptions } from "./options.tsx";
import { Pager } from "./pager.tsx";
import { Rooms } from "./rooms.tsx";
import { Spares } from "./spares.tsx";

export function TableSection({ sample, view }: { sample: Sample; view: View }) {
  const { children } = useTexts();
  const { master, rooms, rows, at } = sample;
  const selected = selectRows(rows, view);
  return (
    <section class="table" aria-labelledby="children-title">
      <TableHead selected={selected} view={view} serves={master.serves} />
      <div class="scroll" tabindex={0} role="group" aria-label={children.scrollable}>
        <Children rows={selected.rows} view={view} at={at} serves={master.serves} />
        <p id="empty">
          <EmptyNotice selected={selected} live={master.live} view={view} />
        </p>
        <div id="spares">
          <Spares sample={sample} />
        </div>
        <div id="rooms">
          <Rooms rooms={rooms} />
        </div>
      </div>
    </section>
  );
}

interface HeadProps {
  selected: SelectedRows;
  view: View;
  serves: Serves;
}

function TableHead({ selected, view, serves }: HeadProps) {
  const { children, table } = useTexts();
  return (
    <div class="head">
      <h2 id="children-title">{children.title}</h2>
      <label class="filter">
        <span>{children.filter}</span>
        <input
          id="filter"
          type="search"
          name="filter"
          value={view.filter}
          placeholder={children.filterHint}
          autocomplete="off"
        />
      </label>
      <Sorting view={view} serves={serves} />
      <TableOptions view={view} serves={serves} />
      <noscript>
        <button type="submit">{children.apply}</button>
      </noscript>
      <nav id="pages" aria-label={table.pages}>
        <Pager selected={selected} view={view} />
      </nav>
      <span class="lock-note" hidden>
        {children.locked}
      </span>
    </div>
  );
}

/** Shown only on narrow screens; wherever the table fits, its headings do the sorting. */
function Sorting({ view, serves }: { view: View; serves: Serves }) {
  const texts = useTexts();
  const { children } = texts;
  return (
    <span class="sorting">
      <select id="sort" name="sort" aria-label={children.sort}>
        {SORT_KEYS.map((key) => (
          <option value={key} selected={view.sort === key}>
            {columnTitle(texts, key, serves === "built-in")}
          </option>
        ))}
      </select>
      <select id="dir" name="dir" aria-label={children.order}>
        <option value="asc" selected={!view.descending}>
          {children.ascending}
        </option>
        <option value="desc" selected={view.descending}>
          {children.descending}
        </option>
      </select>
    </span>
  );
}
