/** @jsxImportSource hono/jsx */
/** The buttons that send a signal to one child. */
import { useTexts } from "../../http/viewer.tsx";

interface Props {
  /** The session's ID. */
  id: string;
  pid: number;
  address: string;
  source?: string;
  /** False hides what the client sent from the question too. */
  contents?: boolean;
}

/** A button that sends TERM, and one that opens the menu of the other signals; both ask first. */
export function KillLinks({ id, pid, address, source, contents = true }: Props) {
  const { kill } = useTexts();
  const path = `/children/${id}/kill`;
  const query = contents ? "" : "contents=0";
  const subject = kill.target(pid, address);
  return (
    <>
      <a
        class="kill"
        href={`${path}?signal=TERM${query && `&${query}`}`}
        aria-label={kill.killChild(subject)}
      >
        {kill.kill}
      </a>
      <a
        class="signals"
        href={`${path}${query && `?${query}`}`}
        data-subject={subject}
        data-source={source}
        aria-haspopup="true"
        aria-label={kill.otherSignals(subject)}
      >
        ▾
      </a>
    </>
  );
}
