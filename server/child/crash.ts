/**
 * Reports an error that nothing in this child caught: a bug of ours. Bun would print it on stderr,
 * which is /dev/null: the console belongs to the server.
 */
import type { ChildChannel } from "../channel/child-channel.ts";
import { MAX_ERROR_CHARS } from "../channel/messages.ts";

/** As Bun exits after such an error. */
const CRASHED_STATUS = 1;

/** From now on, such an error is sent to the master, and this process ends. */
export function reportCrash(channel: ChildChannel): void {
  function crash(thrown: unknown): void {
    const error = thrown instanceof Error ? (thrown.stack ?? thrown.message) : `thrown: ${thrown}`;
    channel.send({ type: "failed", error: error.slice(0, MAX_ERROR_CHARS) });
    process.exit(CRASHED_STATUS);
  }
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
}
