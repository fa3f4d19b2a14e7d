/** @jsxImportSource hono/jsx */
/** What all tabs show alike is rendered once, however many they are, and again when it has changed. */
import { raw } from "hono/html";
import type { Child as Content } from "hono/jsx";
import type { LogEntry } from "../../shared/log.ts";
import type { SelectedRows } from "./select-rows.ts";
import { createRenderCache } from "./render-cache.ts";
import { viewerKey, type Viewer, render } from "../http/viewer.tsx";
import { createMemoize } from "../http/memoize.ts";
import type { Row, Sample } from "./sample.ts";
import { type View, viewQuery } from "./view.ts";
import { ChildRow, EndedRow, rowKey, EmptyNotice } from "./views/children.tsx";
import { Control } from "../control/views/control.tsx";
import { CurrentLimits, StatusNotice, Refused } from "./views/limits.tsx";
import { Entries, Entry } from "./views/log.tsx";
import { MasterSummary } from "./views/master.tsx";
import { Pages } from "./views/pager.tsx";
import { Rooms } from "./views/rooms.tsx";
import { Spares } from "./views/spares.tsx";
import { Tree } from "./views/tree.tsx";
import type { EndReason } from "../../shared/outcome.ts";

const partsRendered = createMemoize<PartsHtml>();
const treesRendered = createMemoize<string>();
const entriesRendered = createMemoize<string>();

/** Rendered rows that are kept, those of ended sessions among them. */
const keepRow = createRenderCache(5000);

export function rowHtml(row: Row, at: number, { columns }: View, reader: Viewer): string {
  const look = rowKey(row, at, columns);
  return remembered(row.id, look, columns, reader, () => (
    <ChildRow row={row} at={at} columns={columns} />
  ));
}

function remembered(
  id: string,
  look: string,
  columns: View["columns"],
  reader: Viewer,
  row: () => Content,
): string {
  const key = `${id} ${viewerKey(reader)} ${columns.join()}`;
  return keepRow(key, look, () => render(reader, row()));
}

export function treeHtml(sample: Sample, view: View, reader: Viewer): string {
  const key = `${viewQuery(view)} ${viewerKey(reader)}`; // the links in it lead to views
  return treesRendered(sample, key, () => render(reader, <Tree sample={sample} view={view} />));
}

export function logHtml(entries: readonly LogEntry[], instance: string, reader: Viewer): string {
  const kind = viewerKey(reader);
  const html = entries.map((entry) =>
    entriesRendered(entry, kind, () => render(reader, <Entry entry={entry} />)),
  );
  return render(reader, <Entries instance={instance}>{raw(html.join(""))}</Entries>);
}

/** What htmx swaps in, by where it belongs: each of them is sent when it has changed. */
type PartsHtml = readonly (readonly [target: string, html: string])[];

export function partsHtml(
  sample: Sample,
  chosen: SelectedRows,
  view: View,
  reader: Viewer,
): PartsHtml {
  const part = (target: string, content: Content, swap = "innerMorph") => {
    const html = render(
      reader,
      <hx-partial hx-target={target} hx-swap={swap}>
        {content}
      </hx-partial>,
    );
    return [target, html] as const;
  };
  const { master, rooms } = sample;
  const forAll = partsRendered(sample, viewerKey(reader), () => [
    part("#master", <MasterSummary sample={sample} />),
    part("#notice", <StatusNotice sample={sample} />),
    part("#control", <Control master={master} />),
    part("#refused", <Refused master={master} />),
    part("#limits", <CurrentLimits master={master} />),
    ...(master.spares > 0 ? [part("#spares", <Spares sample={sample} />)] : []),
    ...(master.serves === "module" ? [part("#rooms", <Rooms rooms={rooms} />)] : []),
  ]);
  return [
    ...forAll,
    part("#pages", <Pages chosen={chosen} view={view} />),
    part("#none", <EmptyNotice chosen={chosen} live={master.live} view={view} />, "textContent"),
  ];
}

/** `whole`: no row of the view is missing, so a row that the tab has beyond these has ended. */
export function rowsHtml(order: string, rows: readonly string[], whole: boolean): string {
  const body = `<tbody data-order="${order}" data-whole="${whole}">${rows.join("")}</tbody>`;
  return `<table>${body}</table>`;
}

/** As it was when it was seen last. */
export function endedHtml(
  row: Row,
  at: number,
  reason: EndReason | "ended" = "ended",
  { columns }: View,
  reader: Viewer,
): string {
  return remembered(row.id, `ended ${reason}`, columns, reader, () => (
    <EndedRow row={row} at={at} columns={columns} reason={reason} />
  ));
}
