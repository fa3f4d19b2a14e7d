/**
 * What Bun has at run time but not in its types: sockets expose their descriptor, and a socket can
 * be created from one. The only place where brood extends Bun's types.
 */
import "bun";

declare module "bun" {
  interface Socket<Data = undefined> {
    /** The kernel's descriptor; the socket owns it. -1 after close. */
    readonly fd: number;
  }

  interface TCPSocketListener<Data = undefined> {
    /** The kernel's descriptor; the listener owns it. */
    readonly fd: number;
  }

  /** Takes ownership of `fd`, a listening socket. The result's `port` is not set. */
  function listen<Data = undefined>(
    options: SocketOptions<Data> & { fd: number; allowHalfOpen?: boolean },
  ): TCPSocketListener<Data>;

  /** Takes ownership of `fd`, a connected socket. */
  function connect(options: FdSocketConnectOptions): Promise<Socket<undefined>>;

  interface FdSocketConnectOptions extends SocketOptions<undefined> {
    fd: number;
    allowHalfOpen?: boolean;
  }
}
