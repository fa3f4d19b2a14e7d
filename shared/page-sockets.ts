import type { Endpoint } from "./access.ts";

/** A connection to the page, as the kernel has it. */
export interface PageSocket {
  /** Its descriptor, which the page's server owns. */
  fd: number;
  peer: Endpoint;
}

/** The connections to the page, also those that have not sent a request yet. */
export interface PageSockets {
  /** How many descriptors this process may have. */
  readonly maxDescriptors: number;
  /** Returns how many descriptors this process has open. */
  countDescriptors(): number;
  /** Returns the connections to this port of ours. Opens no descriptor. */
  list(port: number): PageSocket[];
  /** Ends a connection in both directions. Its server then closes the descriptor. */
  shutDown(fd: number): void;
}
