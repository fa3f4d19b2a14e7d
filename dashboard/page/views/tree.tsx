/** @jsxImportSource hono/jsx */
/**
 * The process tree, line by line as `pstree` prints it, with the children as links to their rows, and what the
 * processes of each line use. A group of equal ones can be opened in place.
 */
import { raw } from "hono/html";
import { formatAddress } from "../../../shared/address.ts";
import type { Process } from "../../../shared/proc.ts";
import { growTree, type Node } from "../../../shared/process-tree.ts";
import { drawTree, type Line, type Segment } from "../../../shared/pstree.ts";
import { MEMBERS_PER_PAGE, formatExpandedGroups } from "../expanded-groups.ts";
import { createRenderCache } from "../render-cache.ts";
import { viewerKey, type Viewer, render, useViewer } from "../../http/viewer.tsx";
import { createMemoize } from "../../http/memoize.ts";
import type { Row, Sample } from "../sample.ts";
import type { View } from "../view.ts";
import { KillLinks } from "./children.tsx";
import { GroupLink, GroupLinks } from "./group-links.tsx";
import { LineUsage, totalUsage } from "./line-usage.tsx";

/** More lines than that are nothing to read: the rest are counted. */
const MOST_LINES = 1000;

/** A larger group is opened by a click; of a smaller one the rows are found. */
const MOST_FOUND = 50;

interface Props {
  sample: Sample;
  view: View;
}

export function Tree({ sample, view }: Props) {
  const reader = useViewer();
  const { parts, tree } = reader.texts;
  const { processes } = sample;
  if (processes instanceof Error) return <p class="none">{tree.failed(processes.message)}</p>;
  const lines = linesOf(processes, sample.master.pid, view);
  const more = lines.length - MOST_LINES;
  return (
    <>
      {lines.slice(0, MOST_LINES).map((line) => lineOf(line, sample, view, reader))}
      {more > 0 && <p class="none">{parts.moreLines(more)}</p>}
    </>
  );
}

const grown = createMemoize<Node | null>();
const drawn = createMemoize<readonly Line[]>();

/** While the processes stay the same, so do the lines, and all views are drawn of one tree. */
function linesOf(processes: readonly Process[], pid: number, view: View): readonly Line[] {
  const { scope, charset, compact, pids } = view;
  const key = [scope, charset, compact, pids, formatExpandedGroups(view.expandedGroups)].join();
  return drawn(processes, key, () => {
    const root = scope === "host" ? { scope } : { scope, pid };
    const tree = grown(processes, scope, () => growTree(processes, root));
    const open = { parts: view.expandedGroups, atATime: MEMBERS_PER_PAGE };
    return drawTree(tree, { charset, compact, pids, open });
  });
}

const rowsByPid = createMemoize<ReadonlyMap<number, Row>>();

/** The children that some processes are. */
function rowsOf(pids: readonly number[], { rows }: Sample): Row[] {
  const byPid = rowsByPid(rows, "", () => new Map(rows.map((row) => [row.pid, row])));
  return pids.flatMap((pid) => byPid.get(pid) ?? []);
}

interface LineProps extends Props {
  line: Line;
  /** The child that the line is of, if it is of one alone. */
  only: Row | null;
  use: ReturnType<typeof totalUsage>;
}

const keepLine = createRenderCache(2000);

/** The lines of an open group are many, and mostly stay as they are. */
function lineOf(line: Line, sample: Sample, view: View, reader: Viewer) {
  const pids = line.flatMap((segment) => segment.pids);
  const [first, ...others] = pids.length > MOST_FOUND ? [] : rowsOf(pids, sample);
  const only = first === undefined || others.length > 0 ? null : first;
  const use = totalUsage(belowMaster(line, sample), sample.usage);
  const content = <TreeLine line={line} sample={sample} view={view} only={only} use={use} />;
  const leads = line.some(({ part }) => part !== null && part.state !== "further");
  if (only === null || leads) return content;
  const { scope, charset, compact, pids: withPids } = view;
  const key = [only.id, viewerKey(reader), scope, charset, compact, withPids].join();
  const texts = line.map(({ text, part }) => text + (part?.state ?? ""));
  const look = [...texts, use?.cpu, use?.memory, use?.isAll].join("\0");
  return raw(keepLine(key, look, () => render(reader, content)));
}

function TreeLine({ line, sample, view, only, use }: LineProps) {
  const { mayOperate } = useViewer();
  const isMember = line.some(({ part }) => part?.state === "first" || part?.state === "further");
  return (
    <div class="line">
      <span class="gutter">
        {mayOperate && only !== null && (
          <KillLinks id={only.id} pid={only.pid} address={addressOf(only)} />
        )}
      </span>
      <code>
        {line.map((segment) => (
          <Piece segment={segment} sample={sample} view={view} />
        ))}
      </code>
      <span class="which">{only !== null && isMember && `${only.pid} ${addressOf(only)}`}</span>
      <GroupLinks line={line} view={view} />
      <LineUsage use={use} />
    </div>
  );
}

function addressOf({ remoteAddress, remotePort }: Row): string {
  return formatAddress(remoteAddress, remotePort);
}

/** The processes of a line, without the master and those above it. */
function belowMaster(line: Line, { master }: Sample): number[] {
  const at = line.findIndex(({ pids }) => pids.length === 1 && pids[0] === master.pid);
  return line.slice(at + 1).flatMap(({ pids }) => pids);
}

interface PieceProps extends Props {
  segment: Segment;
}

function Piece({ segment, sample, view }: PieceProps) {
  const { text, pids, part } = segment;
  if (part !== null && pids.length > MOST_FOUND) {
    return <GroupLink segment={segment} view={view} />;
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
