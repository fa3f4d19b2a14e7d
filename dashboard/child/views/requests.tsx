/** @jsxImportSource hono/jsx */
/**
 * A client's requests and their replies: how many and how large. Their contents
 * are shown only on demand.
 */
import { formatBytes } from "../../../shared/format.ts";
import type { LogEntry, LogEvent } from "../../../shared/log.ts";
import { childPath, type ChildView } from "../child-view.ts";
import type { ChildSnapshot } from "../snapshot.ts";
import { useTexts } from "../../http/viewer.tsx";
import { Time } from "../../views/time.tsx";

type Request = Extract<LogEvent, { event: "request" }>;

const MAX_LISTED = 50;

export function Requests({ snapshot, contents }: { snapshot: ChildSnapshot; contents: boolean }) {
  const { requests: words } = useTexts().child;
  const { requests, bytesIn, bytesOut } = snapshot.session;
  const listed = newest(snapshot.log);
  if (bytesIn === null || bytesOut === null) {
    const isLost = snapshot.session.reason === "lost";
    return (
      <>
        <p class="muted">{isLost ? words.unknown : words.uncounted}</p>
        {listed.length > 0 && <Listed listed={listed} total={null} contents={contents} />}
      </>
    );
  }
  return (
    <>
      <dl class="figures">
        <Figure name={words.count} value={requests.toLocaleString("en")} />
        <Figure name={words.in} value={formatBytes(bytesIn)} exact={bytesIn} />
        <Figure name={words.out} value={formatBytes(bytesOut)} exact={bytesOut} />
      </dl>
      {requests > 0 && (
        <p class="muted">
          {words.average(formatBytes(bytesIn / requests), formatBytes(bytesOut / requests))}
        </p>
      )}
      {contents && snapshot.child?.lastCommand && (
        <p>
          {words.last} <code>{snapshot.child.lastCommand}</code>
        </p>
      )}
      {listed.length === 0 ? (
        <p class="muted">{requests === 0 ? words.none : words.counted}</p>
      ) : (
        <Listed listed={listed} total={requests} contents={contents} />
      )}
    </>
  );
}

type RequestEntry = Omit<LogEntry, "event"> & { event: Request };

function newest(log: readonly LogEntry[]): RequestEntry[] {
  const all = log.flatMap(({ event, ...entry }) =>
    event.event === "request" ? { ...entry, event } : [],
  );
  return all.slice(-MAX_LISTED).toReversed();
}

interface ListedProps {
  listed: readonly RequestEntry[];
  /** How many there were in all; null if that is not known. */
  total: number | null;
  contents: boolean;
}

function Listed({ listed, total, contents }: ListedProps) {
  const { requests: words } = useTexts().child;
  return (
    <div class="scroll" tabindex={0} role="group" aria-label={words.scrollable}>
      <table>
        {total !== null && <caption>{words.listed(listed.length, total)}</caption>}
        <thead>
          <tr>
            <th scope="col">{words.time}</th>
            <th scope="col">{words.kind}</th>
            <th scope="col" class="number">
              {words.sizeIn}
            </th>
            <th scope="col" class="number">
              {words.sizeOut}
            </th>
            {contents && <th scope="col">{words.contents}</th>}
          </tr>
        </thead>
        <tbody>
          {listed.map(({ seq, at, event }) => (
            // The ID lets htmx recognize the row when newer ones have been added.
            <tr id={`request-${seq}`}>
              <td>
                <Time at={at} precision="milliseconds" />
              </td>
              <td>{words.kinds[event.kind]}</td>
              <Size bytes={event.bytesIn} />
              <Size bytes={event.bytesOut} />
              {contents && (
                <td class="contents">
                  <code>{event.text}</code>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Size({ bytes }: { bytes: number | null }) {
  const { requests: words } = useTexts().child;
  if (bytes === null) {
    return (
      <td class="number" title={words.batched}>
        –
      </td>
    );
  }
  return <td class="number">{formatBytes(bytes)}</td>;
}

export function Figure({ name, value, exact }: { name: string; value: string; exact?: number }) {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd title={exact === undefined ? undefined : String(exact)}>{value}</dd>
    </div>
  );
}

/** False for a program: its traffic does not pass through brood. */
export function hasContents({ session }: ChildSnapshot): boolean {
  return session.bytesIn !== null || session.reason === "lost";
}

export function ContentsToggle({ id, view }: { id: string; view: ChildView }) {
  const { requests: words } = useTexts().child;
  const { contents } = view;
  return (
    <>
      <a class="button" id="contents" href={childPath(id, { ...view, contents: !contents })}>
        {contents ? words.hide : words.show}
      </a>
      {!contents && <p class="muted">{words.hidden}</p>}
    </>
  );
}
