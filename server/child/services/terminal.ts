/**
 * A program in a pseudo-terminal of the client's own, over telnet. It starts when the client's
 * telnet has sent the size of its window and the name of its terminal, or has had the time to.
 */
import { utf8AsLatin1 } from "../../channel/print.ts";
import type { Reporter } from "../../channel/report.ts";
import { createTelnetServer } from "../telnet/server.ts";
import type { ByteService, Connection } from "./byte-service.ts";
import { createTerminalInput } from "./terminal-input.ts";
import { startTerminalProgram, type TerminalProgram } from "./terminal-program.ts";

export interface TerminalService extends ByteService {
  /** The program's; undefined before it starts. */
  readonly pid: number | undefined;
  /**
   * Closes the terminal: the kernel hangs up on everything in it. Settles
   * when the program has ended.
   */
  hangUp(): Promise<void>;
}

/** How long a client's telnet may take to answer; a client that is no telnet never does. */
const NEGOTIATION_TIMEOUT_MS = 500;

/** The terminal of a client that has sent no name. */
const UNKNOWN_TERMINAL = "dumb";

const NOTHING: Buffer = Buffer.alloc(0);

export function terminalService(
  command: readonly string[],
  environment: Record<string, string | undefined>,
  connection: Connection,
  report: Reporter,
): TerminalService {
  const input = createTerminalInput(connection);
  let windowSize = { cols: 80, rows: 24 };
  let program: TerminalProgram | undefined;
  let negotiationTimer: Timer | undefined;

  const telnet = createTelnetServer({
    send: connection.send,
    typed: input.add,
    resized(columns, rows) {
      windowSize = { cols: columns ?? windowSize.cols, rows: rows ?? windowSize.rows };
      program?.resize(windowSize.cols, windowSize.rows);
    },
  });

  function startProgram(): void {
    if (program !== undefined) return;
    clearTimeout(negotiationTimer);
    const variables = { ...environment, TERM: telnet.terminalName ?? UNKNOWN_TERMINAL };
    try {
      program = startTerminalProgram(command, variables, windowSize, connection, telnet.encode);
    } catch (error) {
      report.print(utf8AsLatin1(`the program could not be started: ${String(error)}`));
      connection.send(Buffer.from("the program could not be started\r\n"));
      return connection.finish("program ended");
    }
    input.connect(program);
    void program.ended.then((failure) => {
      if (failure !== null) report.print(utf8AsLatin1(`the program ended: ${failure}`));
      connection.finish("program ended");
    });
  }

  return {
    open() {
      telnet.begin();
      negotiationTimer = setTimeout(startProgram, NEGOTIATION_TIMEOUT_MS);
    },
    receive(bytes) {
      telnet.receive(bytes);
      if (telnet.isNegotiated) startProgram();
      return NOTHING;
    },
    // A terminal has one connection: a client that sends nothing more has hung up.
    end: () => NOTHING,
    get pid() {
      return program?.pid;
    },
    async hangUp() {
      clearTimeout(negotiationTimer);
      input.stop();
      await program?.hangUp();
    },
  };
}
