/** @jsxImportSource hono/jsx */
/** The files that a process has open; sockets are shown by what they are connected to. */
import { formatAddress } from "../../../shared/address.ts";
import { isUnreadable, type ProcessDetails } from "../../../shared/process-details.ts";
import { useTexts } from "../../http/viewer.tsx";
import type { Texts } from "../../texts/en.ts";
import { inodeOf } from "../process-cache.ts";
import type { ChildSnapshot } from "../snapshot.ts";
import { Unreadable } from "./unreadable.tsx";

export function Files({
  snapshot,
  process: { files },
}: {
  snapshot: ChildSnapshot;
  process: ProcessDetails;
}) {
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
          <li id={`file-${file.fd}`}>
            <span class="fd">{file.fd}</span>{" "}
            {isUnreadable(file.target) ? (
              <Unreadable code={file.target.unreadable} />
            ) : (
              <code>{describeFile(file.target, snapshot, words)}</code>
            )}
          </li>
        ))}
      </ol>
    </>
  );
}

function describeFile(
  target: string,
  { session, sockets }: ChildSnapshot,
  words: Texts["child"]["process"],
): string {
  const socket = sockets.get(inodeOf(target) ?? "");
  if (!socket) return target;
  const { local, remote } = socket;
  if (remote === null) return words.listens(local);
  const client = formatAddress(session.remoteAddress, session.remotePort);
  return remote === client ? words.client(client) : words.tcp(local, remote);
}
