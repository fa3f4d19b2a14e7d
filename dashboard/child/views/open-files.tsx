/** @jsxImportSource hono/jsx */
/** What a process has open; its sockets by what they are connected to. */
import { formatAddress } from "../../../shared/address.ts";
import { isUnreadable, type ProcessDetails } from "../../../shared/process-details.ts";
import { inodeOf, type ChildSnapshot } from "../snapshot.ts";
import { useTexts } from "../../http/viewer.tsx";
import type { Texts } from "../../texts/en.ts";
import { Unreadable } from "./unreadable.tsx";

export function Files({
  look,
  process: { files },
}: {
  look: ChildSnapshot;
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
              <code>{describeFile(file.target, look, words)}</code>
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
