/** The servers that are attacked. What each promises differs: SECURITY.md. */
import type { Circumstances, Flags } from "../harness/server.ts";

export interface Attackable {
  flags: Flags;
  circumstances: Circumstances;
}

export const SERVERS: Record<string, Attackable> =
  process.getuid?.() === 0
    ? {
        "a server of root's": { flags: {}, circumstances: {} },
        "a server of root's with one user for all children": {
          flags: { user: "nobody" },
          circumstances: {},
        },
        "an ordinary user's server": { flags: {}, circumstances: { ordinary: true } },
      }
    : { "an ordinary user's server": { flags: {}, circumstances: {} } };
