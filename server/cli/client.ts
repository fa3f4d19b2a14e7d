/**
 * The tutorial's client: asks for a command, sends it without a line break, and shows the reply.
 */
import { createInterface } from "node:readline";
import { formatAddress } from "../../shared/address.ts";
import { escapeText } from "../../shared/escape.ts";
import { UsageError } from "../options/usage-error.ts";

const TIME = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d$/;

/** The length of `YYYY/MM/DD HH:MM:SS`, the reply to `time`. */
const TIME_CHARS = 19;

const PROMPT = "CLIENT >> Enter command time or quit : ";

/**
 * Talks to the server until `quit` or the end of the input, and returns the exit status.
 * @throws {UsageError} on a bad HOST or PORT; an Error if there is no server, or
 * it closes the connection.
 */
export async function runClient(args: readonly string[]): Promise<number> {
  const { host, port } = parseAddress(args);
  const server = await connect(host, port);
  print(`socket connect to ${formatAddress(host, port)}`);
  try {
    for await (const command of commands(server.closed)) {
      if (command !== "time" && command !== "quit") {
        print(`${escapeText(command)} is neither time nor quit`);
        continue;
      }
      print(`Input command : ${command}`);
      const reply = await server.request(command);
      if (command === "quit" && reply === "quit") return 0;
      if (!TIME.test(reply)) throw connectionClosed(reply);
      print(`recived data : ${escapeText(reply)}`);
    }
    if (server.isClosed) throw connectionClosed(server.received());
    return 0;
  } finally {
    server.end();
  }
}

function parseAddress(args: readonly string[]): { host: string; port: number } {
  const [host = "127.0.0.1", text = "65000", ...extra] = args;
  const port = Number(text);
  if (extra.length > 0) throw new UsageError("client takes only HOST and PORT.");
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new UsageError(`client: ${JSON.stringify(text)} is not a port from 1 to 65535.`);
  }
  return { host, port };
}

/**
 * Yields the commands as they are typed, each after a prompt, until the input
 * ends or the server closes.
 */
async function* commands(closed: Promise<void>): AsyncGenerator<string> {
  const input = createInterface({ input: process.stdin, terminal: false });
  void closed.then(() => input.close());
  process.stdout.write(PROMPT);
  for await (const line of input) {
    // A terminal has echoed what was typed; a pipe has not.
    if (!process.stdin.isTTY) process.stdout.write(`${line}\n`);
    yield line.trim();
    process.stdout.write(PROMPT);
  }
  process.stdout.write("\n");
}

async function connect(host: string, port: number) {
  const closed = Promise.withResolvers<void>();
  let received = "";
  let isClosed = false;
  let wake = () => {};
  const onEnd = () => {
    isClosed = true;
    closed.resolve();
    wake();
  };
  const socket = await Bun.connect({
    hostname: host,
    port,
    socket: {
      data(_, bytes) {
        received += bytes.toString();
        wake();
      },
      end: onEnd,
      close: onEnd,
    },
  }).catch((cause: Error) => {
    throw new Error(`${formatAddress(host, port)}: ${cause.message}. Is the server running?`, {
      cause,
    });
  });

  return {
    closed: closed.promise,
    get isClosed() {
      return isClosed;
    },
    /**
     * Sends a command. Returns its reply, or as much as arrived before the
     * server closed the connection.
     */
    async request(command: string): Promise<string> {
      const length = command === "time" ? TIME_CHARS : command.length;
      socket.write(command);
      while (received.length < length && !isClosed) {
        await new Promise<void>((resolve) => (wake = resolve));
      }
      const reply = received;
      received = "";
      return reply;
    },
    /** Returns what has arrived and belongs to no request. */
    received: () => received,
    end: () => socket.end(),
  };
}

function print(text: string): void {
  process.stdout.write(`CLIENT >> ${text}\n`);
}

/** `last` is what the server sent last: often why it refuses. */
function connectionClosed(last: string): Error {
  const text = last === "" ? "nothing" : escapeText(last.trim());
  return new Error(`the server closed the connection. It sent: ${text}`);
}
