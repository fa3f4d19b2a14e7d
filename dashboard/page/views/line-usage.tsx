/** @jsxImportSource hono/jsx */
/** The total that the processes of one line of the tree use, at the end of the line. */
import { formatBytes } from "../../../shared/format.ts";
import { useTexts } from "../../http/viewer.tsx";
import type { UsageReadings } from "../usage-reader.ts";

export interface LineTotal {
  cpu: string;
  memory: string;
  /**
   * False if some have not been read yet: they have just started, or are too many to read at once.
   */
  isComplete: boolean;
}

/** Returns null if none of them has been read: they are not below the master. */
export function totalUsage(pids: readonly number[], usage: UsageReadings): LineTotal | null {
  let readCount = 0;
  let cpuPercent = 0;
  let privateBytes = 0;
  for (const pid of pids) {
    const reading = usage.get(pid);
    if (reading === undefined) continue;
    readCount += 1;
    cpuPercent += reading.cpuPercent;
    privateBytes += reading.usage.privateBytes;
  }
  if (readCount === 0) return null;
  const cpu = `${cpuPercent.toFixed(cpuPercent < 100 ? 1 : 0)} %`;
  return { cpu, memory: formatBytes(privateBytes), isComplete: readCount === pids.length };
}

export function LineUsage({ total }: { total: LineTotal | null }) {
  const { parts } = useTexts();
  if (total === null) return <span class="usage" />;
  return (
    <span class="usage">
      <Figure name={parts.cpu} value={total.cpu} isComplete={total.isComplete} />
      <Figure name={parts.memory} value={total.memory} isComplete={total.isComplete} />
    </span>
  );
}

function Figure({ name, value, isComplete }: { name: string; value: string; isComplete: boolean }) {
  const { parts } = useTexts();
  return (
    <span title={isComplete ? undefined : parts.atLeast}>
      <span class="visually-hidden">{name} </span>
      {isComplete ? value : `≥ ${value}`}
    </span>
  );
}
