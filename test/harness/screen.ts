/** A full-screen program in an emulated terminal: what a person would see. */
import { Terminal } from "@xterm/headless";
import { cleanEnvironment, ROOT } from "./run.ts";
import { until } from "./until.ts";

export interface Screen extends AsyncDisposable {
  readonly pid: number;
  /** The visible lines, without trailing spaces. */
  lines(): string[];
  /** The first line in reverse video. */
  reversed(): string | null;
  /** True while the program uses the alternate screen. */
  readonly isOwn: boolean;
  /** Everything it has written, as text. */
  readonly raw: string;
  type(keys: string): void;
  resize(columns: number, rows: number): void;
  /** Waits until a line matches, and returns that line. */
  shows(what: RegExp | string): Promise<string>;
  /** Waits until no line matches. */
  hides(what: RegExp | string): Promise<void>;
  close(): void;
  exited(): Promise<number>;
}

export interface Size {
  columns?: number;
  rows?: number;
}

export function openScreen(
  cmd: readonly string[],
  { columns = 80, rows = 24 }: Size = {},
  env: Record<string, string> = {},
): Screen {
  const emulator = new Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0 });
  const decoder = new TextDecoder();
  let raw = "";
  const child = Bun.spawn({
    cmd: [...cmd],
    cwd: ROOT,
    env: { ...cleanEnvironment(), TERM: "xterm-256color", ...env },
    terminal: {
      cols: columns,
      rows,
      data(_, bytes) {
        raw += decoder.decode(bytes, { stream: true });
        emulator.write(bytes);
      },
    },
  });
  const { terminal } = child;
  if (terminal === undefined) throw new Error("no pseudo-terminal");

  function lines(): string[] {
    const { active } = emulator.buffer;
    return Array.from({ length: emulator.rows }, (_, row) =>
      (active.getLine(row)?.translateToString(true) ?? "").trimEnd(),
    );
  }

  function find(what: RegExp | string): string | undefined {
    return lines().find((line) =>
      typeof what === "string" ? line.includes(what) : what.test(line),
    );
  }

  const screen = () => `the screen is\n${lines().join("\n")}`;

  return {
    pid: child.pid,
    lines,
    reversed() {
      const { active } = emulator.buffer;
      const row = lines().findIndex((_, at) => active.getLine(at)?.getCell(0)?.isInverse());
      return row === -1 ? null : (lines()[row] ?? null);
    },
    get isOwn() {
      return emulator.buffer.active.type === "alternate";
    },
    get raw() {
      return raw;
    },
    type: (keys) => void terminal.write(keys),
    resize(columns, rows) {
      emulator.resize(columns, rows);
      terminal.resize(columns, rows);
    },
    shows: (what) =>
      until(
        () => find(what),
        () => `${String(what)} is shown; ${screen()}`,
      ),
    hides: async (what) =>
      void (await until(
        () => find(what) === undefined,
        () => `${String(what)} is shown no more; ${screen()}`,
      )),
    close: () => terminal.close(),
    exited: () => child.exited,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
      terminal.close();
      emulator.dispose();
    },
  };
}
