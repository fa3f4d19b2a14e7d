/** A program in a pseudo-terminal, and a person in front of it. */
import { cleanEnvironment, ROOT } from "./run.ts";
import { until } from "./until.ts";

export interface Terminal extends AsyncDisposable {
  readonly pid: number;
  /** All that was shown, with one newline a line. */
  readonly screen: string;
  /** Presses keys; `\r` is the return key, `\x03` is Ctrl-C. */
  type(keys: string): void;
  /** Makes its window another size. */
  resize(columns: number, rows: number): void;
  /** Waits until `text` is shown, after whatever the last call waited for. */
  shows(text: string | RegExp): Promise<void>;
  /** Closes the terminal, as if its window was closed. */
  close(): void;
  /** Waits until the program ends; its exit status. */
  exited(): Promise<number>;
}

/** Starts a program in a terminal of its own, which calls itself `term`. */
export function openTerminal(cmd: readonly string[], { term = "dumb" } = {}): Terminal {
  const decoder = new TextDecoder();
  let screen = "";
  let seen = 0; // how much of the screen was waited for
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
