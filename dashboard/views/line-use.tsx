/** @jsxImportSource hono/jsx */
/** What the processes of one line of the tree use together, quietly at its end. */
import { formatBytes } from "../../shared/format.ts";
import { useTexts } from "../reader.tsx";
import type { Readings } from "../usage.ts";

interface Total {
  cpuPercent: number;
  privateBytes: number;
  /** How many of them were read. */
  read: number;
  /** How many were not, though others were: too many to read all at once, or just started. */
  missing: number;
}

/** Null where none is one of ours. */
export function useOf(pids: readonly number[], usage: Readings): Total | null {
  const total = { cpuPercent: 0, privateBytes: 0, read: 0, missing: 0 };
  for (const pid of pids) {
    const reading = usage.get(pid);
    if (reading === undefined) {
      total.missing += 1;
      continue;
    }
    total.read += 1;
    total.cpuPercent += reading.cpuPercent;
    total.privateBytes += reading.usage.privateBytes;
  }
  return total.read === 0 ? null : total;
}

export function Use({ use }: { use: Total | null }) {
  const { parts } = useTexts();
  if (use === null) return <span class="use" />;
  const cpu = `${use.cpuPercent.toFixed(use.cpuPercent < 100 ? 1 : 0)} %`;
  const isAll = use.missing === 0;
  return (
    <span class="use">
      <Figure name={parts.cpu} value={cpu} isAll={isAll} />
      <Figure name={parts.memory} value={formatBytes(use.privateBytes)} isAll={isAll} />
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
