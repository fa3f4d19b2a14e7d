/**
 * Tells a page whose stream has nothing to report that it is still open: the page takes
 * silence for a broken stream.
 */
import type { Message } from "../http/stream/frame.ts";

export const HEARTBEAT: Message = { event: "heartbeat", data: "." };

/** The longest time that a stream may stay silent. */
export const HEARTBEAT_INTERVAL_MS = 2000;
