/**
 * What Bun has at run time and its types lack: sockets tell their descriptor, and a socket can be
 * made of one. The one place where brood types Bun itself.
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

  /** Adopts `fd`, a listening socket, and owns it from then on. Its `port` is not known. */
  function listen<Data = undefined>(
    options: SocketOptions<Data> & { fd: number; allowHalfOpen?: boolean },
  ): TCPSocketListener<Data>;

  /** Adopts `fd`, a connected socket, and owns it from then on. */
  function connect(options: FdSocketConnectOptions): Promise<Socket<undefined>>;

  interface FdSocketConnectOptions extends SocketOptions<undefined> {
    fd: number;
    allowHalfOpen?: boolean;
  }
}
