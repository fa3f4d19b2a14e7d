/** What a child is to do: it comes from the master as JSON, on the child's command line. */
import type { BuiltIn } from "../options/built-in-services.ts";
import type { Serving } from "../options/serving.ts";
import type { UtcOffset } from "./local-time.ts";

export type { BuiltIn };

export interface Task {
  /** The session's id. */
  id: string;
  remoteAddress: string;
  remotePort: number;
  serving: Serving;
  /** 0: no limit, here and below. */
  firstByteTimeoutMs: number;
  idleTimeoutMs: number;
  maxSessionMs: number;
  /** Whether the child serves its client to the end, or leaves it, when the master has died. */
  orphans: "finish" | "leave";
  utcOffset: UtcOffset;
}
