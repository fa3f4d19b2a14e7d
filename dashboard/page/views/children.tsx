/** @jsxImportSource hono/jsx */
/** One page of the table of live children. */
import { formatAddress } from "../../../shared/address.ts";
import type { SortKey } from "../../../shared/api.ts";
import type { Serves } from "../../../shared/master.ts";
import type { EndReason } from "../../../shared/outcome.ts";
import { useTexts, useViewer } from "../../http/viewer.tsx";
import { displayedState } from "../displayed-state.ts";
import type { Row } from "../sample.ts";
import type { SelectedRows } from "../select-rows.ts";
import type { View } from "../view.ts";
import { COLUMNS, columnTitle } from "./columns.tsx";
import { KillLinks } from "./kill-links.tsx";
import { ViewLink } from "./view-link.tsx";

interface Props {
  rows: readonly Row[];
  view: View;
  at: number;
  serves: Serves;
}

export function Children({ rows, view, at, serves }: Props) {
  const { texts, mayOperate } = useViewer();
  const { columns } = view;
  return (
    <table class="children" aria-label={texts.children.title} data-columns={columns.length}>
      <thead>
        <tr>
          {mayOperate && (
            <th scope="col" class="select">
              <input id="select-page" type="checkbox" aria-label={texts.many.selectPage} />
            </th>
          )}
          {columns.map((key) => (
            <Heading column={key} view={view} serves={serves} />
          ))}
          {mayOperate && (
            <th scope="col" class="actions">
              {texts.kill.kill}
            </th>
          )}
        </tr>
      </thead>
      <tbody id="rows" data-order={rows.map((row) => row.id).join(" ")}>
        {rows.map((row) => (
          <ChildRow row={row} at={at} columns={columns} />
        ))}
      </tbody>
    </table>
  );
}

interface EmptyNoticeProps {
  selected: SelectedRows;
  live: number;
  view: View;
}

/** Says why the table has no rows; nothing if it has some. */
export function EmptyNotice({ selected: { matching }, live, view }: EmptyNoticeProps) {
  const { children } = useTexts();
  if (live === 0) return children.none;
  return matching === 0 ? children.noMatch(live, view.filter) : "";
}

interface HeadingProps {
  column: SortKey;
  view: View;
  serves: Serves;
}

function Heading({ column, view, serves }: HeadingProps) {
  const { numeric, descendingFirst = false } = COLUMNS[column];
  const sorted = view.sort === column;
  const order = view.descending ? "descending" : "ascending";
  const descending = sorted ? !view.descending : descendingFirst;
  return (
    <th
      scope="col"
      data-column={column}
      class={numeric && "number"}
      aria-sort={sorted ? order : undefined}
    >
      <ViewLink view={view} change={{ sort: column, descending, from: 1 }} id={`sort-${column}`}>
        {columnTitle(useTexts(), column, serves === "built-in")}
      </ViewLink>
    </th>
  );
}

interface RowProps {
  row: Row;
  at: number;
  columns: readonly SortKey[];
}

export function ChildRow({ row, at, columns }: RowProps) {
  const { texts, mayOperate } = useViewer();
  const { id, pid, source } = row;
  const address = formatAddress(row.remoteAddress, row.remotePort);
  return (
    <tr id={`row-${id}`} data-state={displayedState(row)} tabindex={-1}>
      {mayOperate && (
        <td class="select">
          {/* Not named "id": htmx reads the `id` of the form around it, and would get this checkbox instead. */}
          <input
            type="checkbox"
            name="child"
            value={id}
            form="action-bar"
            aria-label={texts.many.selectChild(texts.kill.target(pid, address))}
          />
        </td>
      )}
      <Cells row={row} at={at} columns={columns} />
      {mayOperate && (
        <td class="actions">
          <KillLinks id={id} pid={pid} address={address} source={source} />
        </td>
      )}
    </tr>
  );
}

/**
 * The row of a child that has ended. It stays in place until neither the pointer nor
 * the focus is in the table.
 */
export function EndedRow({ reason, ...props }: RowProps & { reason: EndReason | "ended" }) {
  const { texts, mayOperate } = useViewer();
  return (
    <tr id={`row-${props.row.id}`} data-state="ended" tabindex={-1}>
      {mayOperate && <td class="select" />}
      <Cells {...props} endReason={texts.endReason(reason)} />
      {mayOperate && <td class="actions" />}
    </tr>
  );
}

/** `endReason` is shown instead of the state. */
function Cells({ row, at, columns, endReason }: RowProps & { endReason?: string }) {
  const texts = useTexts();
  return (
    <>
      {columns.map((key) => {
        const { numeric, render, title } = COLUMNS[key];
        const isEndReason = key === "state" && endReason !== undefined;
        const content = isEndReason ? endReason : render(row, at, texts);
        const cell = {
          "data-label": columnTitle(texts, key, row.below === null),
          class: numeric ? "number" : key,
          title: isEndReason ? endReason : title?.(row, texts),
        };
        if (key !== "pid") return <td {...cell}>{content}</td>;
        return (
          <th scope="row" {...cell}>
            {content}
          </th>
        );
      })}
    </>
  );
}

/** Returns everything in a row that may change: if it is the same, so is the row. */
export function rowVersion(row: Row, at: number, columns: readonly SortKey[]): string {
  const cells = columns.map((key) => COLUMNS[key].version(row, at));
  // The state also sets the row's colours, and the PID is in the labels of its buttons.
  return [displayedState(row), row.pid, ...cells].join("\0");
}
