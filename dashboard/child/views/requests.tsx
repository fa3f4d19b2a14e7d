/** @jsxImportSource hono/jsx */
/** What a client asked and got: how often and how much; what it was is shown by choice alone. */
import { formatBytes } from "../../../shared/format.ts";
import type { LogEntry, LogEvent } from "../../../shared/log.ts";
import { childPath, type ChildView } from "../child-view.ts";
import type { ChildSnapshot } from "../snapshot.ts";
import { useTexts } from "../../http/viewer.tsx";
import { Time } from "../../views/time.tsx";

export type Request = Extract<LogEvent, { event: "request" }>;

/** Requests that are listed at the most. */
const MOST_LISTED = 50;

export function Requests({ look, contents }: { look: ChildSnapshot; contents: boolean }) {
  const { requests: words } = useTexts().child;
  const { requests, bytesIn, bytesOut } = look.session;
  const listed = newest(look.log);
  if (bytesIn === null || bytesOut === null) {
    const isLost = look.session.reason === "lost";
    return (
      <>
        <p class="muted">{isLost ? words.unknown : words.uncounted}</p>
        {listed.length > 0 && <Listed listed={listed} all={null} contents={contents} />}
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
      {contents && look.child?.lastCommand && (
        <p>
          {words.last} <code>{look.child.lastCommand}</code>
        </p>
      )}
      {listed.length === 0 ? (
        <p class="muted">{requests === 0 ? words.none : words.counted}</p>
      ) : (
        <Listed listed={listed} all={requests} contents={contents} />
      )}
    </>
  );
}

type Entry = Omit<LogEntry, "event"> & { event: Request };

function newest(log: readonly LogEntry[]): Entry[] {
  const all = log.flatMap(({ event, ...entry }) =>
    event.event === "request" ? { ...entry, event } : [],
  );
  return all.slice(-MOST_LISTED).toReversed();
}

interface ListedProps {
  listed: readonly Entry[];
  /** How many there were, if that is known. */
  all: number | null;
  contents: boolean;
}

function Listed({ listed, all, contents }: ListedProps) {
  const { requests: words } = useTexts().child;
  return (
    <div class="scroll" tabindex={0} role="group" aria-label={words.scrollable}>
      <table>
        {all !== null && <caption>{words.listed(listed.length, all)}</caption>}
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
            // By which it is the same row when others have come.
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

/** What a program's client says goes past brood. */
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
