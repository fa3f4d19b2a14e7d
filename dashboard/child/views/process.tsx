/** @jsxImportSource hono/jsx */
/** The details of a child's process from /proc. Where one cannot be read, it says why. */
import type { Child as Content } from "hono/jsx";
import { formatBytes } from "../../../shared/format.ts";
import {
  isUnreadable,
  type Readable,
  type ProcessDetails,
  type Listing,
  type ProcessStatus,
  type Thread,
} from "../../../shared/process-details.ts";
import { pstree, pstreeText } from "../../../shared/pstree.ts";
import type { ChildSnapshot } from "../snapshot.ts";
import { useTexts } from "../../http/viewer.tsx";
import type { Texts } from "../../texts/en.ts";
import { Files } from "./open-files.tsx";
import { Limits } from "./process-limits.tsx";
import { Time } from "../../views/time.tsx";
import { Unreadable } from "./unreadable.tsx";

type Words = Texts["child"]["process"];

export function ProcessPart({ snapshot }: { snapshot: ChildSnapshot }) {
  const { process: words } = useTexts().child;
  const { process, processAt, child } = snapshot;
  if (process === null || processAt === null) return <p class="muted">{words.none}</p>;
  return (
    <>
      {child === null && (
        <p class="muted">
          {words.asOf} <Time at={processAt} />
        </p>
      )}
      <Facts process={process} />
      <Tree process={process} />
      <Files snapshot={snapshot} process={process} />
      <Limits limits={process.limits} />
    </>
  );
}

function Facts({ process }: { process: ProcessDetails }) {
  const { process: words } = useTexts().child;
  return (
    <dl class="facts">
      <Fact name={words.command} of={process.command}>
        {({ arguments: args, isCut }) => (
          <>
            {args.length === 0 && words.noCommand}
            {args.map((argument) => (
              <>
                <code>{argument === "" ? "''" : argument}</code>{" "}
              </>
            ))}
            {isCut && words.cut}
          </>
        )}
      </Fact>
      <Fact name={words.executable} of={process.executable}>
        {(path) => <code>{path}</code>}
      </Fact>
      <Fact name={words.directory} of={process.directory}>
        {(path) => <code>{path}</code>}
      </Fact>
      <Fact name={words.user} of={process.status}>
        {({ user, uid, group, gid }) => `${named(user, uid)} : ${named(group, gid)}`}
      </Fact>
      <Fact name={words.state} of={process.status}>
        {({ state }) => words.states(state)}
      </Fact>
      <Fact name={words.started} of={process.startedAt}>
        {(at) => <Time at={at} precision="date" />}
      </Fact>
      <Fact name={words.threads} of={process.threads}>
        {(threads) => describeThreads(threads, words)}
      </Fact>
      <Fact name={words.memory} of={process.status}>
        {(status) => describeMemory(status, words)}
      </Fact>
      <Fact name={words.switches} of={process.status}>
        {({ voluntarySwitches, involuntarySwitches }) =>
          words.switchesOf(voluntarySwitches, involuntarySwitches)
        }
      </Fact>
      <Fact name={words.oomScore} of={process.oomScore}>
        {String}
      </Fact>
      <Fact name={words.cgroup} of={process.cgroup}>
        {({ path, memoryBytes, memoryLimitBytes, processes }) => (
          <>
            <code>{path}</code>{" "}
            {words.cgroupOf(sizeOf(memoryBytes), sizeOf(memoryLimitBytes), processes)}
          </>
        )}
      </Fact>
    </dl>
  );
}

interface FactProps<Value> {
  name: string;
  of: Readable<Value>;
  children: (value: Value) => Content;
}

function Fact<Value>({ name, of, children }: FactProps<Value>) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{isUnreadable(of) ? <Unreadable code={of.unreadable} /> : children(of)}</dd>
    </div>
  );
}

function named(name: string | null, number: number): string {
  return name === null ? String(number) : `${name} (${number})`;
}

function sizeOf(bytes: number | null): string | null {
  return bytes === null ? null : formatBytes(bytes);
}

/** `5: server, 4 × HeapHelper`. */
function describeThreads({ count, listed }: Listing<Thread>, words: Words): string {
  const names = Array.from(
    Map.groupBy(listed, ({ name }) => name),
    ([name, threads]) => (threads.length === 1 ? name : `${threads.length} × ${name}`),
  );
  const more = count > listed.length ? `, ${words.cut}` : "";
  return `${count}: ${names.join(", ")}${more}`;
}

function describeMemory(status: ProcessStatus, words: Words): string {
  const { residentBytes, peakResidentBytes, swappedBytes } = status;
  if (residentBytes === null) return words.noMemory;
  return words.memoryOf(
    formatBytes(residentBytes),
    formatBytes(peakResidentBytes ?? residentBytes),
    formatBytes(swappedBytes ?? 0),
  );
}

/** The child and the processes below it, as pstree draws them. */
function Tree({ process: { pid, processes } }: { process: ProcessDetails }) {
  const { process: words } = useTexts().child;
  const { count, listed } = processes;
  if (listed.length === 0) return null;
  const subtree = listed.map((other) => (other.pid === pid ? { ...other, ppid: 0 } : other));
  const lines = pstree(subtree, { scope: "server", pid }, { charset: "utf8", pids: true });
  return (
    <>
      <h3 id="subtree-title">{words.tree}</h3>
      <pre tabindex={0} role="group" aria-labelledby="subtree-title">
        {pstreeText(lines)}
      </pre>
      {count > listed.length && <p class="muted">{words.treeMore(listed.length)}</p>}
    </>
  );
}
