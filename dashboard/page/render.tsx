/** @jsxImportSource hono/jsx */
/** Renders what several tabs show alike only once, and again only when it has changed. */
import { raw } from "hono/html";
import type { Child as Content } from "hono/jsx";
import type { LogEntry } from "../../shared/log.ts";
import type { EndReason } from "../../shared/outcome.ts";
import { Control } from "../control/views/control.tsx";
import { createMemoize } from "../http/memoize.ts";
import { render, type Viewer, viewerKey } from "../http/viewer.tsx";
import { createRenderCache } from "./render-cache.ts";
import type { Row, Sample } from "./sample.ts";
import type { SelectedRows } from "./select-rows.ts";
import { type View, viewQuery } from "./view.ts";
import { ChildRow, EmptyNotice, EndedRow, rowVersion } from "./views/children.tsx";
import { CurrentLimits, Refused, StatusNotice } from "./views/limits.tsx";
import { Entries, Entry } from "./views/log.tsx";
import { MasterSummary } from "./views/master.tsx";
import { Pager } from "./views/pager.tsx";
import { Rooms } from "./views/rooms.tsx";
import { Spares } from "./views/spares.tsx";
import { Tree } from "./views/tree.tsx";

/**
 * What htmx swaps in, each part with the selector of its target; a part is
 * sent when it has changed.
 */
type PartsHtml = readonly (readonly [target: string, html: string])[];

const memoizedParts = createMemoize<PartsHtml>();
const memoizedTrees = createMemoize<string>();
const memoizedEntries = createMemoize<string>();

/** Rendered rows, including those of ended sessions. */
const cachedRow = createRenderCache(5000);

export function rowHtml(row: Row, at: number, { columns }: View, viewer: Viewer): string {
  return cachedRow(rowKey(row, columns, viewer), rowVersion(row, at, columns), () =>
    render(viewer, <ChildRow row={row} at={at} columns={columns} />),
  );
}

/** Renders the row of a child that has ended, as it was in the last sample that had it. */
export function endedHtml(
  row: Row,
  at: number,
  reason: EndReason | "ended" = "ended",
  { columns }: View,
  viewer: Viewer,
): string {
  return cachedRow(rowKey(row, columns, viewer), `ended ${reason}`, () =>
    render(viewer, <EndedRow row={row} at={at} columns={columns} reason={reason} />),
  );
}

function rowKey(row: Row, columns: View["columns"], viewer: Viewer): string {
  return `${row.id} ${viewerKey(viewer)} ${columns.join()}`;
}

/**
 * `isComplete`: the message has every row of the view, so any other row that the tab shows belongs
 * to a child that has ended.
 */
export function rowsHtml(order: string, rows: readonly string[], isComplete: boolean): string {
  const body = `<tbody data-order="${order}" data-complete="${isComplete}">${rows.join("")}</tbody>`;
  return `<table>${body}</table>`;
}

export function treeHtml(sample: Sample, view: View, viewer: Viewer): string {
  // The whole view is in the key, because the tree has links to other views.
  const key = `${viewQuery(view)} ${viewerKey(viewer)}`;
  return memoizedTrees(sample, key, () => render(viewer, <Tree sample={sample} view={view} />));
}

export function logHtml(entries: readonly LogEntry[], instance: string, viewer: Viewer): string {
  const key = viewerKey(viewer);
  const html = entries.map((entry) =>
    memoizedEntries(entry, key, () => render(viewer, <Entry entry={entry} />)),
  );
  return render(viewer, <Entries instance={instance}>{raw(html.join(""))}</Entries>);
}

export function partsHtml(
  sample: Sample,
  selected: SelectedRows,
  view: View,
  viewer: Viewer,
): PartsHtml {
  const part = (target: string, content: Content, swap = "innerMorph") => {
    const html = render(
      viewer,
      <hx-partial hx-target={target} hx-swap={swap}>
        {content}
      </hx-partial>,
    );
    return [target, html] as const;
  };
  const { master, rooms } = sample;
  const sameForAllViews = memoizedParts(sample, viewerKey(viewer), () => [
    part("#master", <MasterSummary sample={sample} />),
    part("#notice", <StatusNotice sample={sample} />),
    part("#control", <Control master={master} />),
    part("#refused", <Refused master={master} />),
    part("#limits", <CurrentLimits master={master} />),
    ...(master.spares > 0 ? [part("#spares", <Spares sample={sample} />)] : []),
    ...(master.serves === "module" ? [part("#rooms", <Rooms rooms={rooms} />)] : []),
  ]);
  const emptyNotice = <EmptyNotice selected={selected} live={master.live} view={view} />;
  return [
    ...sameForAllViews,
    part("#pages", <Pager selected={selected} view={view} />),
    part("#empty", emptyNotice, "textContent"),
  ];
}
