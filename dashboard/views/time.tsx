/** @jsxImportSource hono/jsx */
/**
 * A point in time, in the server's time zone until the page's script converts it to the viewer's.
 */
import { formatFullTimestamp, type Precision, formatTimestamp } from "../../shared/timestamp.ts";

/** `at`: milliseconds since the epoch. The full timestamp is the tooltip. */
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
