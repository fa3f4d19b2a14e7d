/** @jsxImportSource hono/jsx */
/** The links that open and fold a group of the tree where it stands; what is open is in the page's address. */
import type { Line, Segment } from "../../../shared/pstree.ts";
import {
  MEMBERS_PER_PAGE,
  withGroupCollapsed,
  withGroupExpanded,
  type GroupStarts,
} from "../expanded-groups.ts";
import { useTexts } from "../../http/viewer.tsx";
import type { Texts } from "../../texts/en.ts";
import { type View, viewQuery } from "../view.ts";

/** Those of one line, which stand after it. The page's script swaps in what they lead to. */
export function GroupLinks({ line, view }: { line: Line; view: View }) {
  const { parts } = useTexts();
  const links = line.flatMap((segment) => linkOf(segment, view, parts) ?? []);
  return (
    <span class="parts">
      {links.map(({ name, href, says, label }) => (
        <a class="part" id={name} href={href} data-part aria-label={label}>
          {says}
        </a>
      ))}
    </span>
  );
}

/** A large group itself, as a link that does the same; the keyboard has the other one. */
export function GroupLink({ segment, view }: { segment: Segment; view: View }) {
  const { parts } = useTexts();
  const link = linkOf(segment, view, parts);
  if (link === null) return segment.text;
  return (
    <a class="node" href={link.href} data-part aria-label={link.label} tabindex={-1}>
      {segment.text}
    </a>
  );
}

/** What a piece of the tree can be asked to do; null where that is nothing. */
function linkOf({ text, pids, part }: Segment, view: View, texts: Texts["parts"]) {
  if (part === null) return null;
  const { key, state } = part;
  const what = text.replace(/^\d+\*\[(.*)\]$/, "$1");
  const count = Math.min(pids.length, MEMBERS_PER_PAGE);
  const lead = (open: GroupStarts) => `/${viewQuery(view, { expandedGroups: open })}`;
  const href = lead(withGroupExpanded(view.expandedGroups, part));
  switch (state) {
    case "folded":
      // Of the same name as what folds it, so that the focus stays there.
      return {
        name: `part-${key}`,
        href,
        says: texts.open,
        label: texts.openWhat(what),
      };
    case "first":
      // One by one there is no other way to show it.
      if (!view.compact || view.pids) return null;
      return {
        name: `part-${key}`,
        href: lead(withGroupCollapsed(view.expandedGroups, part)),
        says: texts.fold,
        label: texts.foldWhat(what),
      };
    case "before":
      return {
        name: `before-${key}`,
        href,
        says: texts.previous(count),
        label: texts.previousOf(count, what),
      };
    case "after":
      return {
        name: `after-${key}`,
        href,
        says: texts.next(count),
        label: texts.nextOf(count, what),
      };
    case "further":
      return null;
  }
}
