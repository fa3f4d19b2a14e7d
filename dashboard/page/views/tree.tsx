/** @jsxImportSource hono/jsx */
/**
 * The process tree, line by line as `pstree` prints it. Children are links to their rows, each line
 * shows what its processes use, and groups of equal processes can be expanded in place.
 */
import { raw } from "hono/html";
import { formatAddress } from "../../../shared/address.ts";
import type { Process } from "../../../shared/proc.ts";
import { growTree, type TreeNode } from "../../../shared/process-tree.ts";
import { drawTree, type Line, type Segment } from "../../../shared/pstree.ts";
import { MEMBERS_PER_PAGE, formatExpandedGroups } from "../expanded-groups.ts";
import { createRenderCache } from "../render-cache.ts";
import { viewerKey, type Viewer, render, useViewer } from "../../http/viewer.tsx";
import { createMemoize } from "../../http/memoize.ts";
import type { Row, Sample } from "../sample.ts";
import type { View } from "../view.ts";
import { GroupLinks, GroupNode } from "./group-links.tsx";
import { KillLinks } from "./kill-links.tsx";
import { type LineTotal, LineUsage, totalUsage } from "./line-usage.tsx";

/** Nobody reads more lines than this: the rest are only counted. */
const MAX_LINES = 1000;

/**
 * A click on a group of up to this many processes highlights their rows; a larger one is expanded.
 */
const MAX_HIGHLIGHTED = 50;

const memoizedTrees = createMemoize<TreeNode | null>();
const memoizedLines = createMemoize<readonly Line[]>();
const memoizedRowsByPid = createMemoize<ReadonlyMap<number, Row>>();
const cachedLine = createRenderCache(2000);

interface Props {
  sample: Sample;
  view: View;
}

export function Tree({ sample, view }: Props) {
  const viewer = useViewer();
  const { parts, tree } = viewer.texts;
  const { processes } = sample;
  if (processes instanceof Error) return <p class="empty">{tree.failed(processes.message)}</p>;
  const lines = linesOf(processes, sample.master.pid, view);
  const more = lines.length - MAX_LINES;
  return (
    <>
      {lines.slice(0, MAX_LINES).map((line) => renderLine(line, sample, view, viewer))}
      {more > 0 && <p class="empty">{parts.moreLines(more)}</p>}
    </>
  );
}

/** As long as the processes stay the same, so do the lines; all views are drawn from one tree. */
function linesOf(processes: readonly Process[], pid: number, view: View): readonly Line[] {
  const { scope, charset, compact, pids } = view;
  const key = [scope, charset, compact, pids, formatExpandedGroups(view.expandedGroups)].join();
  return memoizedLines(processes, key, () => {
    const root = scope === "host" ? { scope } : { scope, pid };
    const tree = memoizedTrees(processes, scope, () => growTree(processes, root));
    const expanded = { starts: view.expandedGroups, pageSize: MEMBERS_PER_PAGE };
    return drawTree(tree, { charset, compact, pids, expanded });
  });
}

/** Returns the rows of those processes that are children with a client. */
function rowsOf(pids: readonly number[], { rows }: Sample): Row[] {
  const rowsByPid = memoizedRowsByPid(rows, "", () => new Map(rows.map((row) => [row.pid, row])));
  return pids.flatMap((pid) => rowsByPid.get(pid) ?? []);
}

interface LineProps extends Props {
  line: Line;
  /** The line's child if it has exactly one. */
  child: Row | null;
  total: LineTotal | null;
}

/** Caches the lines of expanded groups: there are many of them, and most stay as they are. */
function renderLine(line: Line, sample: Sample, view: View, viewer: Viewer) {
  const pids = line.flatMap((segment) => segment.pids);
  const [first, ...others] = pids.length > MAX_HIGHLIGHTED ? [] : rowsOf(pids, sample);
  const child = first === undefined || others.length > 0 ? null : first;
  const total = totalUsage(belowMaster(line, sample), sample.usage);
  const content = <TreeLine line={line} sample={sample} view={view} child={child} total={total} />;
  const hasGroupLink = line.some(({ part }) => part !== null && part.state !== "further");
  if (child === null || hasGroupLink) return content;
  const { scope, charset, compact } = view;
  const key = [child.id, viewerKey(viewer), scope, charset, compact, view.pids].join();
  const texts = line.map(({ text, part }) => text + (part?.state ?? ""));
  const version = [...texts, total?.cpu, total?.memory, total?.isComplete].join("\0");
  return raw(cachedLine(key, version, () => render(viewer, content)));
}

function TreeLine({ line, sample, view, child, total }: LineProps) {
  const { mayOperate } = useViewer();
  const isMember = line.some(({ part }) => part?.state === "first" || part?.state === "further");
  return (
    <div class="line">
      <span class="gutter">
        {mayOperate && child !== null && (
          <KillLinks id={child.id} pid={child.pid} address={addressOf(child)} />
        )}
      </span>
      <code>
        {line.map((segment) => (
          <NodeText segment={segment} sample={sample} view={view} />
        ))}
      </code>
      <span class="member">{child !== null && isMember && `${child.pid} ${addressOf(child)}`}</span>
      <GroupLinks line={line} view={view} />
      <LineUsage total={total} />
    </div>
  );
}

function addressOf({ remoteAddress, remotePort }: Row): string {
  return formatAddress(remoteAddress, remotePort);
}

/** Returns the processes of a line, except the master and those above it. */
function belowMaster(line: Line, { master }: Sample): number[] {
  const masterIndex = line.findIndex(({ pids }) => pids.length === 1 && pids[0] === master.pid);
  return line.slice(masterIndex + 1).flatMap(({ pids }) => pids);
}

interface NodeProps extends Props {
  segment: Segment;
}

function NodeText({ segment, sample, view }: NodeProps) {
  const { text, pids, part } = segment;
  if (part !== null && pids.length > MAX_HIGHLIGHTED) {
    return <GroupNode segment={segment} view={view} />;
  }
  const rows = rowsOf(pids, sample);
  const [first] = rows;
  if (first !== undefined) {
    return (
      <a class="node" href={`#row-${first.id}`} data-rows={rows.map((row) => row.id).join(" ")}>
        {text}
      </a>
    );
  }
  if (pids.includes(sample.master.pid)) return <strong>{text}</strong>;
  return text;
}
