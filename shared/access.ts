/** Access to the page. */
export interface Access {
  /** The operators' password; null: none is required. */
  operate: string | null;
  /** The operators' password was made by this server, whose address of the page may carry it as `?token=…`. */
  isGenerated: boolean;
  /** The password for read-only access; null: there is none. */
  watch: string | null;
  /** Nobody may change anything. */
  readonly: boolean;
}

/** One end of a TCP connection. */
export interface Endpoint {
  address: string;
  port: number;
}

/**
 * Returns true if a request came from a child of the server, or may have: its sender is a program on this machine that
 * cannot be found. `peer` is null if the connection is closed already.
 */
export type IsFromChild = (peer: Endpoint | null, pagePort: number) => boolean;
