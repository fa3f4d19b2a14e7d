/** @jsxImportSource hono/jsx */
/** The process tree, line by line as `pstree` prints it, with the children as links to their rows. */
import { formatAddress } from "../../shared/address.ts";
import { pstree, type Line, type Segment } from "../../shared/pstree.ts";
import { useReader, useTexts } from "../reader.tsx";
import type { Row, Sample } from "../sample.ts";
import { MOST_ROWS, type View } from "../view.ts";
import { KillLinks } from "./children.tsx";

interface Props {
  sample: Sample;
  view: View;
}

export function Tree({ sample, view }: Props) {
  const { tree } = useTexts();
  if (sample.processes instanceof Error) {
    return <p class="none">{tree.failed(sample.processes.message)}</p>;
  }
  const { scope, charset, compact, pids } = view;
  const root = scope === "host" ? { scope } : { scope, pid: sample.master.pid };
  const lines = pstree(sample.processes, root, { charset, compact, pids });
  const children = new Map(sample.rows.map((row) => [row.pid, row]));
  return (
    <>
      {lines.map((line) => (
        <TreeLine line={line} masterPid={sample.master.pid} children={children} />
      ))}
    </>
  );
}

interface LineProps {
  line: Line;
  masterPid: number;
  children: ReadonlyMap<number, Row>;
}

function TreeLine({ line, masterPid, children }: LineProps) {
  const rows = line.flatMap((segment) => rowsOf(segment, children));
  const [only] = rows;
  const { mayOperate } = useReader();
  return (
    <div class="line">
      <span class="gutter">
        {mayOperate && only !== undefined && rows.length === 1 && (
          <KillLinks
            id={only.id}
            pid={only.pid}
            address={formatAddress(only.remoteAddress, only.remotePort)}
          />
        )}
      </span>
      <code>
        {line.map((segment) => (
          <Node segment={segment} masterPid={masterPid} children={children} />
        ))}
      </code>
    </div>
  );
}

interface NodeProps {
  segment: Segment;
  masterPid: number;
  children: ReadonlyMap<number, Row>;
}

function Node({ segment, masterPid, children }: NodeProps) {
  const rows = rowsOf(segment, children);
  const [first] = rows;
  if (first !== undefined) {
    const some = rows.slice(0, MOST_ROWS);
    return (
      <a class="node" href={`#row-${first.id}`} data-rows={some.map((row) => row.id).join(" ")}>
        {segment.text}
      </a>
    );
  }
  if (segment.pids.includes(masterPid)) return <strong>{segment.text}</strong>;
  return segment.text;
}

function rowsOf(segment: Segment, children: ReadonlyMap<number, Row>): Row[] {
  return segment.pids.flatMap((pid) => children.get(pid) ?? []);
}
