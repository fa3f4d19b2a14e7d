/** @jsxImportSource hono/jsx */
/** A moment: in the server's local time, until the page's script makes it the reader's. */
import { formatFullTimestamp, type Precision, formatTimestamp } from "../../shared/timestamp.ts";

/** `at`: milliseconds since the epoch. The whole of it is there for who points at it. */
export function Time({ at, precision = "seconds" }: { at: number; precision?: Precision }) {
  return (
    <time
      datetime={new Date(at).toISOString()}
      data-precision={precision}
      title={formatFullTimestamp(at)}
    >
      {formatTimestamp(at, precision)}
    </time>
  );
}
