/** @jsxImportSource hono/jsx */
/** A child's process as /proc tells of it; what cannot be read is said in its place. */
import type { Child as Content } from "hono/jsx";
import { formatAddress } from "../../shared/address.ts";
import { formatBytes, formatDuration } from "../../shared/format.ts";
import {
  isUnreadable,
  type Limit,
  type Part,
  type ProcessDetails,
  type Some,
  type Status,
  type Thread,
} from "../../shared/process-details.ts";
import { pstree, pstreeText } from "../../shared/pstree.ts";
import { inodeOf, type Look } from "../look.ts";
import { useTexts } from "../reader.tsx";
import type { Texts } from "../texts/en.ts";
import { Time } from "./time.tsx";

type Words = Texts["child"]["process"];

export function ProcessPart({ look }: { look: Look }) {
  const { process: words } = useTexts().child;
  const { process, processAt, child } = look;
  if (process === null || processAt === null) return <p class="quiet">{words.none}</p>;
  return (
    <>
      {child === null && (
        <p class="quiet">
          {words.asOf} <Time at={processAt} />
        </p>
      )}
      <Facts process={process} />
      <Tree process={process} />
      <Files look={look} process={process} />
      <Limits limits={process.limits} />
    </>
  );
}

function Facts({ process }: { process: ProcessDetails }) {
  const { process: words } = useTexts().child;
  return (
    <dl class="facts">
      <Fact name={words.command} of={process.command}>
        {({ arguments: all, isCut }) => (
          <>
            {all.length === 0 && words.noCommand}
            {all.map((argument) => (
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
        {({ path, memoryBytes, memoryLimit, processes }) => (
          <>
            <code>{path}</code>{" "}
            {words.cgroupOf(sizeOf(memoryBytes), sizeOf(memoryLimit), processes)}
          </>
        )}
      </Fact>
    </dl>
  );
}

interface FactProps<Value> {
  name: string;
  of: Part<Value>;
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

function Unreadable({ code }: { code: string }) {
  const { process: words } = useTexts().child;
  return <span class="unreadable">{whyUnreadable(code, words)}</span>;
}

function whyUnreadable(code: string, words: Words): string {
  if (code === "EACCES" || code === "EPERM") return words.denied;
  return code === "ENOENT" || code === "ESRCH" ? words.vanished : words.failed(code);
}

function named(name: string | null, number: number): string {
  return name === null ? String(number) : `${name} (${number})`;
}

function sizeOf(bytes: number | null): string | null {
  return bytes === null ? null : formatBytes(bytes);
}

/** `5: server, 4 × HeapHelper`. */
function describeThreads({ count, listed }: Some<Thread>, words: Words): string {
  const names = Array.from(
    Map.groupBy(listed, ({ name }) => name),
    ([name, all]) => (all.length === 1 ? name : `${all.length} × ${name}`),
  );
  const more = count > listed.length ? `, ${words.cut}` : "";
  return `${count}: ${names.join(", ")}${more}`;
}

function describeMemory(status: Status, words: Words): string {
  const { residentBytes, peakResidentBytes, swappedBytes } = status;
  if (residentBytes === null) return words.noMemory;
  return words.memoryOf(
    formatBytes(residentBytes),
    formatBytes(peakResidentBytes ?? residentBytes),
    formatBytes(swappedBytes ?? 0),
  );
}

/** As pstree draws it, from the child on down. */
function Tree({ process: { pid, processes } }: { process: ProcessDetails }) {
  const { process: words } = useTexts().child;
  const { count, listed } = processes;
  if (listed.length === 0) return null;
  const own = listed.map((one) => (one.pid === pid ? { ...one, ppid: 0 } : one));
  const lines = pstree(own, { scope: "server", pid }, { charset: "utf8", pids: true });
  return (
    <>
      <h3 id="below-title">{words.tree}</h3>
      <pre tabindex={0} role="group" aria-labelledby="below-title">
        {pstreeText(lines)}
      </pre>
      {count > listed.length && <p class="quiet">{words.treeMore(listed.length)}</p>}
    </>
  );
}

function Files({ look, process: { files } }: { look: Look; process: ProcessDetails }) {
  const { process: words } = useTexts().child;
  if (isUnreadable(files)) {
    return (
      <>
        <h3>{words.openFiles}</h3>
        <p>
          <Unreadable code={files.unreadable} />
        </p>
      </>
    );
  }
  const { count, listed } = files;
  return (
    <>
      <h3>
        {words.openFiles}: {count}
        {count > listed.length && `, ${words.more(listed.length)}`}
      </h3>
      <ol class="files" tabindex={0} aria-label={words.openFiles}>
        {listed.map((file) => (
          <li>
            <span class="fd">{file.fd}</span>{" "}
            {isUnreadable(file.target) ? (
              <Unreadable code={file.target.unreadable} />
            ) : (
              <code>{describeFile(file.target, look, words)}</code>
            )}
          </li>
        ))}
      </ol>
    </>
  );
}

function describeFile(target: string, { session, sockets }: Look, words: Words): string {
  const socket = sockets.get(inodeOf(target) ?? "");
  if (!socket) return target;
  const { local, remote } = socket;
  if (remote === null) return words.listens(local);
  const client = formatAddress(session.remoteAddress, session.remotePort);
  return remote === client ? words.client(client) : words.tcp(local, remote);
}

function Limits({ limits }: { limits: Part<readonly Limit[]> }) {
  const { process: words } = useTexts().child;
  return (
    <details id="process-limits">
      <summary>{words.limits}</summary>
      {isUnreadable(limits) ? (
        <p>
          <Unreadable code={limits.unreadable} />
        </p>
      ) : (
        <table aria-label={words.limits}>
          <thead>
            <tr>
              <th scope="col">{words.limit}</th>
              <th scope="col" class="number">
                {words.soft}
              </th>
              <th scope="col" class="number">
                {words.hard}
              </th>
            </tr>
          </thead>
          <tbody>
            {limits.map(({ name, soft, hard, unit }) => (
              <tr>
                <th scope="row">{words.limitName(name)}</th>
                <td class="number">{amount(soft, unit, words)}</td>
                <td class="number">{amount(hard, unit, words)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
}

function amount(value: number | null, unit: string, words: Words): string {
  if (value === null) return words.unlimited;
  if (unit === "bytes") return formatBytes(value);
  if (unit === "seconds") return formatDuration(value * 1000);
  if (unit === "us") return formatDuration(value / 1000);
  return value.toLocaleString();
}
