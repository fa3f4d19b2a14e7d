/**
 * The floor: `bun floor.ts time|echo PORT`. The same services in a single process: the difference
 * is what a process per client costs.
 */
import type { Socket } from "bun";

const [service, port] = process.argv.slice(2);

interface Client {
  /** The beginning of an unfinished line. */
  unread: string;
  /** What the client has no room for yet. While there is any, nothing is read. */
  unsent: Buffer;
}

Bun.listen<Client>({
  hostname: "127.0.0.1",
  port: Number(port),
  socket: {
    open: (socket) => void (socket.data = { unread: "", unsent: Buffer.alloc(0) }),
    data: service === "echo" ? echo : time,
    drain: (socket) => flush(socket, socket.data.unsent),
  },
});

function echo(socket: Socket<Client>, bytes: Buffer): void {
  const { unsent } = socket.data;
  flush(socket, unsent.length === 0 ? bytes : Buffer.concat([unsent, bytes]));
}

function flush(socket: Socket<Client>, bytes: Buffer): void {
  const written = socket.write(bytes);
  if (written < 0) return socket.terminate();
  socket.data.unsent = Buffer.from(bytes.subarray(written));
  if (written < bytes.length) socket.pause();
  else socket.resume();
}

function time(socket: Socket<Client>, bytes: Buffer): void {
  const lines = `${socket.data.unread}${bytes.toString("latin1")}`.split("\r\n");
  socket.data.unread = lines.pop() ?? "";
  for (const line of lines) {
    if (line === "time") socket.write(`${now()}\r\n`);
    if (line === "quit") socket.end("quit\r\n");
  }
}

function now(): string {
  const date = new Date();
  const two = (value: number) => String(value).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("/");
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${day} ${clock}`;
}
