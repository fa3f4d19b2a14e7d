/** @jsxImportSource hono/jsx */
/** The table of the live children: a page of it. */
import { formatAddress } from "../../../shared/address.ts";
import type { SortKey } from "../../../shared/api.ts";
import type { Serves } from "../../../shared/master.ts";
import { type SelectedRows, displayedState } from "../select-rows.ts";
import { useViewer, useTexts } from "../../http/viewer.tsx";
import type { Row } from "../sample.ts";
import type { View } from "../view.ts";
import { COLUMNS, columnTitle } from "./columns.tsx";
import { ViewLink } from "./view-link.tsx";
import { Time } from "../../views/time.tsx";
import type { EndReason } from "../../../shared/outcome.ts";

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

interface NotShownProps {
  chosen: SelectedRows;
  live: number;
  view: View;
}

/** What stands below a table that shows nobody. */
export function EmptyNotice({ chosen: { matching }, live, view }: NotShownProps) {
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
          {/* Not named "id": htmx reads that of the form around it, and would get the box. */}
          <input
            type="checkbox"
            name="child"
            value={id}
            form="act"
            aria-label={texts.many.selectWhom(texts.kill.whom(pid, address))}
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

/** The row of a child that has ended: it keeps its place until no pointer or focus is near. */
export function EndedRow({ reason, ...props }: RowProps & { reason: EndReason | "ended" }) {
  const { texts, mayOperate } = useViewer();
  return (
    <tr id={`row-${props.row.id}`} data-state="ended" tabindex={-1}>
      {mayOperate && <td class="select" />}
      <Cells {...props} ended={texts.endReason(reason)} />
      {mayOperate && <td class="actions" />}
    </tr>
  );
}

/** `ended`: what stands in place of the state. */
function Cells({ row, at, columns, ended }: RowProps & { ended?: string }) {
  const texts = useTexts();
  return (
    <>
      {columns.map((key) => {
        const { numeric, render: show, title } = COLUMNS[key];
        const content = key === "state" && ended !== undefined ? ended : show(row, at, texts);
        const cell = {
          "data-label": columnTitle(texts, key, row.below === null),
          class: numeric ? "number" : key,
          title: content === ended ? ended : title?.(row, texts),
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

export function Since({ startedAt }: { startedAt: number }) {
  return (
    <td data-label={useTexts().children.columns.since}>
      <Time at={startedAt} />
    </td>
  );
}

interface KillProps {
  id: string;
  pid: number;
  address: string;
  source?: string;
  /** False: what the client sent is not to be in the question either. */
  contents?: boolean;
}

/** A button for TERM, and one that opens the menu of the other signals. */
export function KillLinks({ id, pid, address, source, contents = true }: KillProps) {
  const { kill } = useTexts();
  const path = `/children/${id}/kill`;
  const hidden = contents ? "" : "contents=0";
  const whom = kill.whom(pid, address);
  return (
    <>
      <a
        class="kill"
        href={`${path}?signal=TERM${hidden && `&${hidden}`}`}
        aria-label={kill.killWhom(whom)}
      >
        {kill.kill}
      </a>
      <a
        class="signals"
        href={`${path}${hidden && `?${hidden}`}`}
        data-whom={whom}
        data-source={source}
        aria-haspopup="true"
        aria-label={kill.signalsForWhom(whom)}
      >
        ▾
      </a>
    </>
  );
}

/** All that a row shows and that may change, as a key: rows with the same are the same. */
export function rowKey(row: Row, at: number, columns: readonly SortKey[]): string {
  const cells = columns.map((key) => COLUMNS[key].key(row, at));
  // The state is in the row's colours too, and the pid in what it is called.
  return [displayedState(row), row.pid, ...cells].join("\0");
}
