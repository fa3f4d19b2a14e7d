/**
 * A program in a pseudo-terminal, whose output goes to the client no faster
 * than the client takes it.
 */
import { type TerminalFlow, createTerminalFlow } from "../terminal-flow.ts";
import type { Connection } from "./byte-service.ts";
import type { TypingTarget } from "./terminal-input.ts";

export interface TerminalProgram extends TypingTarget {
  readonly pid: number;
  /** Settles when the program has ended and its output was sent: null, or how it failed. */
  readonly ended: Promise<string | null>;
  resize(columns: number, rows: number): void;
  /** Closes the terminal. Settles when the program has ended. */
  hangUp(): Promise<void>;
}

/** A program that has ended has written everything after this time without output … */
const LAST_OUTPUT_TIMEOUT_MS = 200;

/**
 * … and after this many of those times in any case: other programs in the terminal may write on.
 */
const MAX_LAST_OUTPUT_ROUNDS = 10;

/**
 * Output of a held terminal that may still have been in the kernel. If there is more somebody has
 * released the terminal, as a shell does before each prompt.
 */
const MAX_HELD_OUTPUT_BYTES = 65_536;

/** `encode` returns output as it is to be sent. @throws if the program cannot be started. */
export function startTerminalProgram(
  command: readonly string[],
  environment: Record<string, string | undefined>,
  windowSize: { cols: number; rows: number },
  connection: Connection,
  encode: (output: Uint8Array) => Buffer,
): TerminalProgram {
  const closed = Promise.withResolvers<void>();
  let outputBytes = 0;
  let onOutput: (bytes: number) => void = () => {};

  const program = Bun.spawn([...command], {
    env: environment,
    terminal: {
      ...windowSize,
      data(_, output) {
        outputBytes += output.length;
        connection.send(encode(output));
        onOutput(output.length);
      },
      exit: () => closed.resolve(),
    },
  });
  const flow = createTerminalFlow();
  onOutput = createOutputBrake(flow, connection);

  async function end(): Promise<string | null> {
    await program.exited;
    // Its last output is still in the terminal, which a program that it has started may keep open.
    let before = -1;
    for (let round = 0; round < MAX_LAST_OUTPUT_ROUNDS && outputBytes > before; round += 1) {
      before = outputBytes;
      await connection.drained();
      await Promise.race([closed.promise, Bun.sleep(LAST_OUTPUT_TIMEOUT_MS)]);
    }
    if (program.exitCode === 0) return null;
    return `${program.signalCode ?? `exit status ${program.exitCode}`}`;
  }

  return {
    pid: program.pid,
    ended: end(),
    get isOpen() {
      return program.terminal?.closed === false;
    },
    write: flow.write,
    resize: (columns, rows) => program.terminal?.resize(columns, rows),
    async hangUp() {
      program.terminal?.close();
      await program.exited;
    },
  };
}

/**
 * Returns a function to be called for each piece of output, with its bytes. It holds the terminal
 * while the client is behind: until then the program waits in its write.
 */
function createOutputBrake(flow: TerminalFlow, connection: Connection): (bytes: number) => void {
  /** Output since the terminal was held; null while it is not. */
  let heldOutputBytes: number | null = null;

  function hold(): void {
    heldOutputBytes = 0;
    flow.hold();
  }

  async function holdUntilDrained(): Promise<void> {
    hold();
    await connection.drained();
    heldOutputBytes = null;
    flow.release();
  }

  return (bytes) => {
    if (heldOutputBytes !== null) heldOutputBytes += bytes;
    else if (connection.isBehind) void holdUntilDrained();
    if (heldOutputBytes !== null && heldOutputBytes > MAX_HELD_OUTPUT_BYTES) hold();
  };
}
