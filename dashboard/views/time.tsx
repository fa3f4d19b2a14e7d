/** @jsxImportSource hono/jsx */
/** A moment: in the server's local time, until the page's script makes it the reader's. */
import { formatMoment, type Precision, showTime } from "../../shared/timestamp.ts";

/** `at`: milliseconds since the epoch. The whole of it is there for who points at it. */
export function Time({ at, precision = "seconds" }: { at: number; precision?: Precision }) {
  return (
    <time datetime={new Date(at).toISOString()} data-precision={precision} title={formatMoment(at)}>
      {showTime(at, precision)}
    </time>
  );
}
