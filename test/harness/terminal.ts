/** A program in a pseudo-terminal, operated as by a person. */
import { cleanEnvironment, ROOT } from "./run.ts";
import { until } from "./until.ts";

export interface Terminal extends AsyncDisposable {
  readonly pid: number;
  /** Everything shown so far, with `\n` as the line ending. */
  readonly screen: string;
  /** True while the terminal itself shows what is typed: ECHO of termios(3). */
  readonly isEchoing: boolean;
  /** Presses keys; `\r` is the return key, `\x03` is Ctrl-C. */
  type(keys: string): void;
  /** Resizes its window. */
  resize(columns: number, rows: number): void;
  /** Waits until `text` is shown after the text of the previous call. */
  shows(text: string | RegExp): Promise<void>;
  /** Closes the terminal, as closing its window would. */
  close(): void;
  /** Waits until the program exits, and returns its exit status. */
  exited(): Promise<number>;
}

/** A local flag of termios(3). */
const ECHO = 0o10;

/** Starts a program in its own terminal, of the type `term`. */
export function openTerminal(cmd: readonly string[], { term = "dumb" } = {}): Terminal {
  const decoder = new TextDecoder();
  let screen = "";
  let seen = 0; // characters matched by `shows` so far
  let closed = false;
  const child = Bun.spawn({
    cmd: [...cmd],
    cwd: ROOT,
    env: { ...cleanEnvironment(), HOME: "/nonexistent", TERM: term },
    terminal: {
      cols: 200,
      rows: 50,
      data(_, bytes) {
        screen += decoder.decode(bytes, { stream: true });
      },
      exit: () => void (closed = true),
    },
  });
  const { terminal } = child;
  if (terminal === undefined) throw new Error("no pseudo-terminal");
  const shown = () => screen.replaceAll("\r\n", "\n");

  return {
    pid: child.pid,
    get screen() {
      return shown();
    },
    get isEchoing() {
      return (terminal.localFlags & ECHO) !== 0;
    },
    type: (keys) => void terminal.write(keys),
    resize: (columns, rows) => terminal.resize(columns, rows),
    async shows(text) {
      const found = await until(
        () => find(shown().slice(seen), text),
        () => `the terminal shows ${String(text)}; it shows ${JSON.stringify(shown().slice(seen))}`,
      );
      seen += found.end;
    },
    close: () => terminal.close(),
    async exited() {
      const status = await child.exited;
      await until(() => closed, "the terminal closes after its program");
      return status;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
      terminal.close();
    },
  };
}

function find(screen: string, text: string | RegExp): { end: number } | null {
  if (typeof text === "string") {
    const at = screen.indexOf(text);
    return at === -1 ? null : { end: at + text.length };
  }
  const match = text.exec(screen);
  return match === null ? null : { end: match.index + match[0].length };
}
