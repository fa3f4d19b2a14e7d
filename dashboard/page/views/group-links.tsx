/** @jsxImportSource hono/jsx */
/**
 * The links that expand and collapse groups of the tree in place; the page's
 * address says which are expanded.
 */
import type { Line, Segment } from "../../../shared/pstree.ts";
import { useTexts } from "../../http/viewer.tsx";
import type { Texts } from "../../texts/en.ts";
import {
  type GroupStarts,
  MEMBERS_PER_PAGE,
  withGroupCollapsed,
  withGroupExpanded,
} from "../expanded-groups.ts";
import { type View, viewQuery } from "../view.ts";

interface Link {
  id: string;
  href: string;
  text: string;
  label: string;
}

/**
 * The links at the end of a line of the tree. The page's script swaps in
 * the view that they lead to.
 */
export function GroupLinks({ line, view }: { line: Line; view: View }) {
  const { parts } = useTexts();
  const links = line.flatMap((segment) => linkOf(segment, view, parts) ?? []);
  return (
    <span class="group-links">
      {links.map(({ id, href, text, label }) => (
        <a class="group-link" id={id} href={href} data-group aria-label={label}>
          {text}
        </a>
      ))}
    </span>
  );
}

/**
 * A large group itself as such a link; with the keyboard, the one at the end of the line is enough.
 */
export function GroupNode({ segment, view }: { segment: Segment; view: View }) {
  const { parts } = useTexts();
  const link = linkOf(segment, view, parts);
  if (link === null) return segment.text;
  return (
    <a class="node" href={link.href} data-group aria-label={link.label} tabindex={-1}>
      {segment.text}
    </a>
  );
}

/** Returns the link that a segment of the tree has, or null. */
function linkOf({ text, pids, part }: Segment, view: View, texts: Texts["parts"]): Link | null {
  if (part === null) return null;
  const { key, state } = part;
  const name = text.replace(/^\d+\*\[(.*)\]$/, "$1");
  const count = Math.min(pids.length, MEMBERS_PER_PAGE);
  const hrefOf = (groups: GroupStarts) => `/${viewQuery(view, { expandedGroups: groups })}`;
  const href = hrefOf(withGroupExpanded(view.expandedGroups, part));
  switch (state) {
    case "collapsed":
      // The same ID as the link that collapses it, so that the focus stays there.
      return { id: `group-${key}`, href, text: texts.open, label: texts.openWhat(name) };
    case "first":
      // With compaction off, or with PIDs, every group is always drawn one by one.
      if (!view.compact || view.pids) return null;
      return {
        id: `group-${key}`,
        href: hrefOf(withGroupCollapsed(view.expandedGroups, part)),
        text: texts.fold,
        label: texts.foldWhat(name),
      };
    case "before":
      return {
        id: `before-${key}`,
        href,
        text: texts.previous(count),
        label: texts.previousOf(count, name),
      };
    case "after":
      return {
        id: `after-${key}`,
        href,
        text: texts.next(count),
        label: texts.nextOf(count, name),
      };
    case "further":
      return null;
  }
}
