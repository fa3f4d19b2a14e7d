/** @jsxImportSource hono/jsx */
/** Which page of the table is shown, with links to the others. */
import type { Child as Content } from "hono/jsx";
import { useViewer } from "../../http/viewer.tsx";
import type { SelectedRows } from "../select-rows.ts";
import type { View } from "../view.ts";
import { ViewLink } from "./view-link.tsx";

interface Props {
  selected: SelectedRows;
  view: View;
}

export function Pager({ selected, view }: Props) {
  const { texts, mayOperate } = useViewer();
  const { matching } = selected;
  return (
    <>
      <PageLinks selected={selected} view={view} />
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

/** Nothing if there is only one page. */
function PageLinks({ selected: { from, matching, rows }, view }: Props) {
  const { first, previous, next, last, range } = useViewer().texts.table;
  const end = from + rows.length - 1;
  const hasPrevious = from > 1;
  const hasNext = rows.length > 0 && end < matching;
  if (!hasPrevious && !hasNext) return null;
  const lastFrom = from + Math.floor((matching - from) / view.pageSize) * view.pageSize;
  const previousFrom = Math.max(1, from - view.pageSize);
  const link = (name: string, exists: boolean, pageFrom: number, label: string, sign: string) => (
    <PageLink id={`page-${name}`} exists={exists} view={view} from={pageFrom} label={label}>
      {sign}
    </PageLink>
  );
  return (
    <>
      {link("first", hasPrevious, 1, first, "«")}
      {link("previous", hasPrevious, previousFrom, previous, "‹")}
      <span class="range">{range(from, end, matching)}</span>
      {link("next", hasNext, end + 1, next, "›")}
      {link("last", hasNext, lastFrom, last, "»")}
    </>
  );
}

interface LinkProps {
  id: string;
  exists: boolean;
  view: View;
  from: number;
  label: string;
  children: Content;
}

/**
 * Takes up its space even if there is no such page: the other links must
 * not move under the pointer.
 */
function PageLink({ id, exists, view, from, label, children }: LinkProps) {
  if (!exists) {
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
