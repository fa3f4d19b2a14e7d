/** The whole terminal as a screen. It is restored however the program ends. */
import { writeSync } from "node:fs";
import { errorCode } from "../../../shared/error-code.ts";
import { escapeAgain } from "../../../shared/escape.ts";
import { cut } from "./columns.ts";

export interface Line {
  text: string;
  style?: "bold" | "title" | "selected" | "dim";
}

export interface ScreenListener {
  /** Called with input as it arrives, and with Ctrl-C once the terminal is gone. */
  onInput(text: string): void;
  /** Called when everything must be drawn again: after a change of size or a suspension. */
  onRedraw(): void;
}

export interface Screen extends Disposable {
  readonly columns: number;
  readonly rows: number;
  /** Starts to read input. To be called once. */
  listen(listener: ScreenListener): void;
  /** Shows lines from the top, as many as fit, and clears the rest. */
  draw(lines: readonly Line[]): void;
  /** Hands the terminal back to the shell until the job is continued. */
  suspend(): void;
}

/** The alternate screen, cleared; no cursor, no line wrapping; pastes in brackets. */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h\x1b[2J";
const LEAVE = "\x1b[0m\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l";

const CLEAR = "\x1b[2J";

/**
 * Marks a synchronized update, which a terminal that knows it shows in one go; others ignore this.
 */
const BEGIN_UPDATE = "\x1b[?2026h";
const END_UPDATE = "\x1b[?2026l";

const STYLES: Record<NonNullable<Line["style"]>, string> = {
  bold: "\x1b[1m",
  title: "\x1b[1;4m",
  selected: "\x1b[7m",
  dim: "\x1b[2m",
};

const STDOUT = 1;

/** Signals that end this program. */
const FATAL_SIGNALS = ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"] as const;

const CTRL_C = "\x03";

/** Takes over the terminal that stdin and stdout are, until it is disposed of. */
export function openScreen(): Screen {
  const { stdin, stdout } = process;
  const cleanup = new DisposableStack();
  let isTaken = false;
  /** The lines that the terminal shows now. */
  let shown: string[] = [];

  function take(): void {
    if (isTaken) return;
    isTaken = true;
    stdin.setRawMode(true);
    stdin.resume();
    shown = [];
    write(ENTER);
  }

  function giveBack(): void {
    if (!isTaken) return;
    isTaken = false;
    write(LEAVE);
    leaveRawMode();
    stdin.pause();
  }

  cleanup.use(onProcessEnd(giveBack));
  take();
  cleanup.defer(giveBack);

  return {
    get columns() {
      return stdout.columns || 80;
    },
    get rows() {
      return stdout.rows || 24;
    },
    listen(listener) {
      const onResize = () => {
        shown = [];
        if (isTaken) write(CLEAR);
        listener.onRedraw();
      };
      const onContinue = () => {
        take();
        listener.onRedraw();
      };
      cleanup.use(listenToInput(listener));
      stdout.on("resize", onResize);
      cleanup.defer(() => stdout.off("resize", onResize));
      process.on("SIGCONT", onContinue);
      cleanup.defer(() => process.off("SIGCONT", onContinue));
    },
    draw(lines) {
      if (!isTaken) return;
      const texts = Array.from({ length: this.rows }, (_, row) =>
        lineText(lines[row], this.columns),
      );
      const changes = texts.flatMap((text, row) =>
        // Clear a line before writing it: clearing its rest after would take the
        // last character of a full one.
        text === shown[row] ? [] : `\x1b[${row + 1};1H\x1b[2K${text}`,
      );
      shown = texts;
      if (changes.length > 0) write(`${BEGIN_UPDATE}${changes.join("")}${END_UPDATE}`);
    },
    suspend() {
      giveBack();
      process.kill(0, "SIGTSTP"); // the whole job, as the terminal itself does for Ctrl-Z
    },
    [Symbol.dispose]: () => cleanup.dispose(),
  };
}

/** Calls `restore` before this process exits or dies of a signal. */
function onProcessEnd(restore: () => void): Disposable {
  const onSignal = (signal: NodeJS.Signals) => {
    restore();
    // Die of the signal itself: the parent process is to see which one it was.
    process.off(signal, onSignal);
    process.kill(process.pid, signal);
  };
  process.on("exit", restore);
  for (const signal of FATAL_SIGNALS) process.on(signal, onSignal);
  return {
    [Symbol.dispose]() {
      process.off("exit", restore);
      for (const signal of FATAL_SIGNALS) process.off(signal, onSignal);
    },
  };
}

function listenToInput({ onInput }: ScreenListener): Disposable {
  const { stdin } = process;
  const decoder = new TextDecoder();
  const onData = (bytes: Uint8Array) => onInput(decoder.decode(bytes, { stream: true }));
  const onEnd = () => onInput(CTRL_C);
  stdin.on("data", onData);
  stdin.on("end", onEnd);
  // Never removed: an error after the end must not become an uncaught exception.
  stdin.on("error", onEnd);
  return {
    [Symbol.dispose]() {
      stdin.off("data", onData);
      stdin.off("end", onEnd);
    },
  };
}

/** All text for the terminal passes through here, so no control characters but ours reach it. */
function lineText(line: Line | undefined, columns: number): string {
  if (line === undefined) return "";
  const text = cut(escapeAgain(line.text), columns);
  if (line.style === undefined) return text;
  const width = line.style === "selected" || line.style === "title" ? columns : 0;
  return `${STYLES[line.style]}${text}${" ".repeat(Math.max(0, width - Bun.stringWidth(text)))}\x1b[0m`;
}

/** Writes synchronously: a process that exits does not flush what is buffered. */
function write(text: string): void {
  try {
    writeSync(STDOUT, text);
  } catch (error) {
    // The window was closed, or its buffer is full: the next sample draws what is missing.
    if (!isGoneOrBusy(error)) throw error;
  }
}

function leaveRawMode(): void {
  try {
    process.stdin.setRawMode(false);
  } catch (error) {
    if (!isGoneOrBusy(error)) throw error;
  }
}

/** The error of a failed setRawMode has its errno only in its message; 5 is EIO. */
function isGoneOrBusy(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = errorCode(error) ?? error.message.replace(/^.*errno: 5$/, "EIO");
  return ["EIO", "EPIPE", "EBADF", "EAGAIN"].includes(code);
}
