/**
 * A program in a pseudo-terminal of the client's own, by telnet. The program starts when the client's telnet has told
 * its window and its terminal, or has not.
 */
import { createOutbox } from "../outbox.ts";
import { type Reporter, toBytes } from "../../channel/report.ts";
import { createTelnetServer } from "../telnet/server.ts";
import { type TerminalFlow, createTerminalFlow } from "../terminal-flow.ts";
import type { Link, Service } from "./service.ts";

export interface TerminalService extends Service {
  /** The program's, once there is one. */
  readonly pid: number | undefined;
  /** Ends the terminal: the kernel hangs up on all that run in it. Settles when the program has ended. */
  hangUp(): Promise<void>;
}

/** How long (ms) a client's telnet may take for its answers; what is no telnet gives none. */
const PATIENCE = 500;

/** What a client that told no name of a terminal gets. */
const UNKNOWN_TERMINAL = "dumb";

/** Bytes typed that the terminal has no room for, with more of which nothing is read from the client. */
const MOST_TYPED = 16_384;

/** Pause (ms) before a terminal that takes nothing now is tried again. */
const RETRY = 20;

/** After so long (ms) with nothing more out of its terminal a program that has ended has said its last word … */
const LAST_WORDS = 200;

/** … and after so many of these in any case: what else runs there may write on, and nobody waits for that. */
const MOST_WORDS = 10;

/**
 * Bytes out of a terminal that is held: more than the kernel had on its way when it was, so somebody has let it go.
 * A shell does, before each prompt.
 */
const MOST_ON_THE_WAY = 65_536;

const NOTHING: Buffer = Buffer.alloc(0);

export function terminalService(
  command: readonly string[],
  environment: Record<string, string | undefined>,
  link: Link,
  report: Reporter,
): TerminalService {
  let window = { cols: 80, rows: 24 };
  let program: ReturnType<typeof spawn> | undefined;
  let flow: TerminalFlow | undefined;
  /** Bytes that came out of the terminal since it was held; null: it is not. */
  let sinceHeld: number | null = null;
  /** What was typed and the terminal has no room for yet, or is not there yet. */
  const typed = createOutbox();
  let retry: Timer | undefined;
  /** Bytes that came out of the terminal. */
  let shown = 0;
  let timer: Timer | undefined;
  const emptied = Promise.withResolvers<void>();

  const telnet = createTelnetServer({
    send: link.send,
    typed(bytes) {
      typed.add(bytes);
      type();
    },
    resized(columns, rows) {
      window = { cols: columns ?? window.cols, rows: rows ?? window.rows };
      program?.terminal?.resize(window.cols, window.rows);
    },
  });

  /** Bun's own write may wait for ever: of a terminal that throws away what was typed, at an interrupt, it is not told. */
  function type(): void {
    clearTimeout(retry);
    if (program?.terminal?.closed === false && flow !== undefined) {
      typed.empty(flow.write);
      if (typed.isFull) retry = setTimeout(type, RETRY);
    }
    if (typed.size > MOST_TYPED) link.pause();
    else link.resume();
  }

  function start(): void {
    if (program !== undefined) return;
    clearTimeout(timer);
    try {
      program = spawn();
    } catch (error) {
      report.said(toBytes(`the program could not be started: ${String(error)}`));
      link.send(Buffer.from("the program could not be started\r\n"));
      return link.finish("program ended");
    }
    flow = createTerminalFlow();
    type();
    void program.exited.then(ended);
  }

  function spawn() {
    return Bun.spawn([...command], {
      env: { ...environment, TERM: telnet.terminalName ?? UNKNOWN_TERMINAL },
      terminal: {
        ...window,
        data: (_, bytes) => show(bytes),
        exit: () => emptied.resolve(),
      },
    });
  }

  function show(bytes: Uint8Array): void {
    shown += bytes.length;
    link.send(telnet.encode(bytes));
    if (sinceHeld !== null) sinceHeld += bytes.length;
    else if (link.isBehind) void holdBack();
    if (sinceHeld !== null && sinceHeld > MOST_ON_THE_WAY) hold();
  }

  function hold(): void {
    sinceHeld = 0;
    flow?.hold();
  }

  /** As long as the client does not take what it was sent, the program writes nothing. */
  async function holdBack(): Promise<void> {
    hold();
    await link.drained();
    sinceHeld = null;
    flow?.release();
  }

  /** Its last words are still in the terminal; whatever it has left running may keep that open. */
  async function ended(): Promise<void> {
    let before = -1;
    for (let round = 0; round < MOST_WORDS && shown > before; round += 1) {
      before = shown;
      await link.drained();
      await Promise.race([emptied.promise, Bun.sleep(LAST_WORDS)]);
    }
    const how = program?.signalCode ?? `exit status ${program?.exitCode}`;
    if (program?.exitCode !== 0) report.said(toBytes(`the program ended: ${how}`));
    link.finish("program ended");
  }

  return {
    begin() {
      telnet.begin();
      timer = setTimeout(start, PATIENCE);
    },
    receive(bytes) {
      telnet.receive(bytes);
      if (telnet.isNegotiated) start();
      return NOTHING;
    },
    quiet() {},
    // A terminal has one connection: who says nothing any more has hung up.
    end: () => NOTHING,
    unfinished: false,
    quitting: "no",
    endingWait: 0,
    get pid() {
      return program?.pid;
    },
    async hangUp() {
      clearTimeout(timer);
      clearTimeout(retry);
      program?.terminal?.close();
      await program?.exited;
    },
  };
}
