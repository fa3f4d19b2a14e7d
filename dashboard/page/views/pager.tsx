/** @jsxImportSource hono/jsx */
/** Which part of the table is shown, and the way to the others. */
import type { Child as Content } from "hono/jsx";
import type { SelectedRows } from "../select-rows.ts";
import { useViewer } from "../../http/viewer.tsx";
import type { View } from "../view.ts";
import { ViewLink } from "./view-link.tsx";

interface Props {
  chosen: SelectedRows;
  view: View;
}

export function Pages({ chosen, view }: Props) {
  const { texts, mayOperate } = useViewer();
  const { first, previous, next, last, range } = texts.table;
  const { from, matching, rows } = chosen;
  const end = from + rows.length - 1;
  const lastFrom = from + Math.floor((matching - from) / view.pageSize) * view.pageSize;
  const before = from > 1;
  const after = rows.length > 0 && end < matching;
  const to = (name: string, there: boolean, start: number, label: string, sign: string) => (
    <PageLink id={`page-${name}`} there={there} view={view} from={start} label={label}>
      {sign}
    </PageLink>
  );
  return (
    <>
      {(before || after) && (
        <>
          {to("first", before, 1, first, "«")}
          {to("previous", before, Math.max(1, from - view.pageSize), previous, "‹")}
          <span class="range">{range(from, end, matching)}</span>
          {to("next", after, end + 1, next, "›")}
          {to("last", after, lastFrom, last, "»")}
        </>
      )}
      {mayOperate && matching > 0 && (
        <a
          id="select-matching"
          class="button"
          href={`/kill?${new URLSearchParams({ filter: view.filter })}`}
          data-select={`/kill/ids?${new URLSearchParams({ filter: view.filter })}`}
        >
          {view.filter === ""
            ? texts.many.selectAll(matching)
            : texts.many.selectMatching(matching)}
        </a>
      )}
    </>
  );
}

interface LinkProps {
  id: string;
  there: boolean;
  view: View;
  from: number;
  label: string;
  children: Content;
}

/** In its place whether there is such a page or not: the others must not move under the pointer. */
function PageLink({ id, there, view, from, label, children }: LinkProps) {
  if (!there) {
    return (
      <span class="button" aria-hidden="true">
        {children}
      </span>
    );
  }
  return (
    <ViewLink id={id} view={view} change={{ from }} label={label} class="button">
      {children}
    </ViewLink>
  );
}
