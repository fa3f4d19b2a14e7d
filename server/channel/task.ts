/** What the master tells a child to do, as JSON on the child's command line. */
import type { BuiltIn } from "../options/built-in-services.ts";
import type { Serving } from "../options/serving.ts";
import type { UtcOffset } from "./local-time.ts";

export type { BuiltIn };

/** What a child is to do. It comes from the master as JSON. */
export interface Task {
  /** The session, and its client. */
  id: string;
  remoteAddress: string;
  remotePort: number;
  serving: Serving;
  /** Milliseconds; 0: never. */
  firstByteTimeout: number;
  idleTimeout: number;
  maxSession: number;
  /** What becomes of the client when the master has died. */
  orphans: "finish" | "leave";
  utcOffset: UtcOffset;
}
