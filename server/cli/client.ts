/** The tutorial's client: asks for a command, sends it bare, shows the reply. */
import { createInterface } from "node:readline";
import { escapeText } from "../../shared/escape.ts";
import { formatAddress } from "../../shared/address.ts";
import { UsageError } from "../options/usage-error.ts";

const TIME = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d$/;

/** The length of `YYYY/MM/DD HH:MM:SS`, the only reply that this client waits for. */
const TIME_LENGTH = 19;

const PROMPT = "CLIENT >> Enter command time or quit : ";

/**
 * Talks to the server until `quit` or the end of the input; gives the exit status.
 * @throws {UsageError} on a bad HOST or PORT, an Error when there is no server.
 */
export async function runClient(args: readonly string[]): Promise<number> {
  const { host, port } = parseAddress(args);
  const server = await connect(host, port);
  say(`socket connect to ${formatAddress(host, port)}`);
  try {
    for await (const command of commands(server.closed)) {
      if (command !== "time" && command !== "quit") {
        say(`${escapeText(command)} is neither time nor quit`);
        continue;
      }
      say(`Input command : ${command}`);
      const reply = await server.ask(command);
      if (command === "quit" && reply === "quit") return 0;
      if (!TIME.test(reply)) throw new Error(`the server has gone. It said: ${quote(reply)}`);
      say(`recived data : ${escapeText(reply)}`);
    }
    if (server.gone) throw new Error(`the server has gone. It said: ${quote(server.rest())}`);
    return 0;
  } finally {
    server.end();
  }
}

function parseAddress(args: readonly string[]): { host: string; port: number } {
  const [host = "127.0.0.1", text = "65000", ...more] = args;
  const port = Number(text);
  if (more.length > 0) throw new UsageError("client takes HOST and PORT, no more.");
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new UsageError(`client: ${JSON.stringify(text)} is not a port from 1 to 65535.`);
  }
  return { host, port };
}

/** The commands as they are typed, each after a prompt; ends with the input or the server. */
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
  let gone = false;
  let wake = () => {};
  const end = () => {
    gone = true;
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
      end,
      close: end,
    },
  }).catch((cause: Error) => {
    throw new Error(`${formatAddress(host, port)}: ${cause.message}. Is the server running?`, {
      cause,
    });
  });

  return {
    closed: closed.promise,
    get gone() {
      return gone;
    },
    /** Sends a command, gives its whole reply, or as much as came before the server went. */
    async ask(command: string): Promise<string> {
      const length = command === "time" ? TIME_LENGTH : command.length;
      socket.write(command);
      while (received.length < length && !gone)
        await new Promise<void>((resolve) => (wake = resolve));
      const reply = received;
      received = "";
      return reply;
    },
    rest: () => received,
    end: () => socket.end(),
  };
}

function say(text: string): void {
  process.stdout.write(`CLIENT >> ${text}\n`);
}

function quote(text: string): string {
  return text === "" ? "nothing" : escapeText(text.trim());
}
