/** Access to the page. */
export interface Access {
  /** The operators' password; null: none is required. */
  operate: string | null;
  /**
   * The operators' password was made by this server, whose address of the page
   * may carry it as `?token=…`.
   */
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
 * Why a request is refused, whatever else it has: its sender is a child, or a user whom the page is
 * not for.
 */
export type PeerRefusal = "fromChild" | "fromOtherUser";

/**
 * Returns why requests from this peer are refused; null if they are not. They are if the peer is a
 * program on this machine that cannot be found. `peer` is null if the connection is closed already.
 */
export type CheckPeer = (peer: Endpoint | null, pagePort: number) => PeerRefusal | null;
