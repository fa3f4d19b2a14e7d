/** @jsxImportSource hono/jsx */
/** What the processes of one line of the tree use together, quietly at its end. */
import { formatBytes } from "../../../shared/format.ts";
import { useTexts } from "../../http/viewer.tsx";
import type { UsageReadings } from "../usage-reader.ts";

interface LineTotal {
  cpu: string;
  memory: string;
  /** False: some were not read, because they are too many to read at once, or just started. */
  isAll: boolean;
}

/** Null where none is one of ours. */
export function totalUsage(pids: readonly number[], usage: UsageReadings): LineTotal | null {
  let [read, cpuPercent, privateBytes] = [0, 0, 0];
  for (const pid of pids) {
    const reading = usage.get(pid);
    if (reading === undefined) continue;
    read += 1;
    cpuPercent += reading.cpuPercent;
    privateBytes += reading.usage.privateBytes;
  }
  if (read === 0) return null;
  const cpu = `${cpuPercent.toFixed(cpuPercent < 100 ? 1 : 0)} %`;
  return { cpu, memory: formatBytes(privateBytes), isAll: read === pids.length };
}

export function LineUsage({ use }: { use: LineTotal | null }) {
  const { parts } = useTexts();
  if (use === null) return <span class="use" />;
  return (
    <span class="use">
      <Figure name={parts.cpu} value={use.cpu} isAll={use.isAll} />
      <Figure name={parts.memory} value={use.memory} isAll={use.isAll} />
    </span>
  );
}

function Figure({ name, value, isAll }: { name: string; value: string; isAll: boolean }) {
  const { parts } = useTexts();
  return (
    <span title={isAll ? undefined : parts.atLeast}>
      <span class="unseen">{name} </span>
      {isAll ? value : `≥ ${value}`}
    </span>
  );
}
