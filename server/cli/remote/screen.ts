/** A terminal taken as a whole, and given back as it was, however the program ends. */
import { writeSync } from "node:fs";
import { errorCode } from "../../../shared/error-code.ts";
import { escapeAgain } from "../../../shared/escape.ts";
import { cut } from "./columns.ts";

export interface Line {
  text: string;
  style?: "bold" | "title" | "chosen" | "dim";
}

export interface Screen extends Disposable {
  readonly columns: number;
  readonly rows: number;
  /** Shows these lines from the top, as many as there is room for; the rest is empty. */
  draw(lines: readonly Line[]): void;
  /** Gives the terminal back to the shell, until the job is continued. */
  suspend(): void;
}

/** Another screen, beside what was there; no cursor, no wrapping; what is pasted comes in brackets. */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h\x1b[2J";
const LEAVE = "\x1b[0m\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l";

/** What is between these is shown at once, by terminals that know it; others read over it. */
const BEGIN = "\x1b[?2026h";
const END = "\x1b[?2026l";

const STYLES: Record<NonNullable<Line["style"]>, string> = {
  bold: "\x1b[1m",
  title: "\x1b[1;4m",
  chosen: "\x1b[7m",
  dim: "\x1b[2m",
};

const STDOUT = 1;

/** Signals that end this program; each gives the terminal back first. */
const ENDING = ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"] as const;

/** What Ctrl-C types. */
const INTERRUPT = "\x03";

/**
 * Takes the terminal of stdin and stdout.
 *
 * @param pressed gets what is typed, as it came; an interrupt where nobody can type any more
 * @param changed is called when the size of the terminal is another
 */
export function openScreen(pressed: (text: string) => void, changed: () => void): Screen {
  const { stdin, stdout } = process;
  const decoder = new TextDecoder();
  let shown: string[] = [];
  let isTaken = false;

  function take(): void {
    if (isTaken) return;
    isTaken = true;
    stdin.setRawMode(true);
    stdin.resume();
    shown = [];
    put(ENTER);
  }

  function giveBack(): void {
    if (!isTaken) return;
    isTaken = false;
    put(LEAVE);
    setCooked();
    stdin.pause();
  }

  function onSignal(signal: NodeJS.Signals): void {
    giveBack();
    // As if we had not listened: whoever started us is to see which signal it was.
    process.off(signal, onSignal);
    process.kill(process.pid, signal);
  }

  const onData = (bytes: Uint8Array) => pressed(decoder.decode(bytes, { stream: true }));
  const onEnd = () => pressed(INTERRUPT);
  const onResize = () => {
    shown = [];
    if (isTaken) put("\x1b[2J");
    changed();
  };
  const onContinue = () => {
    take();
    changed();
  };

  stdin.on("data", onData);
  stdin.on("end", onEnd);
  stdin.on("error", onEnd);
  stdout.on("resize", onResize);
  process.on("SIGCONT", onContinue);
  process.on("exit", giveBack);
  for (const signal of ENDING) process.on(signal, onSignal);
  take();

  return {
    get columns() {
      return stdout.columns || 80;
    },
    get rows() {
      return stdout.rows || 24;
    },
    draw(lines) {
      if (!isTaken) return;
      const texts = Array.from({ length: this.rows }, (_, row) =>
        lineText(lines[row], this.columns),
      );
      const changes = texts.flatMap((text, row) =>
        // A line is emptied first: to empty its rest would take the last character of a full one.
        text === shown[row] ? [] : `\x1b[${row + 1};1H\x1b[2K${text}`,
      );
      shown = texts;
      if (changes.length > 0) put(`${BEGIN}${changes.join("")}${END}`);
    },
    suspend() {
      giveBack();
      process.kill(0, "SIGTSTP"); // the whole job, as the terminal itself does it
    },
    [Symbol.dispose]() {
      giveBack();
      stdin.off("data", onData);
      stdin.off("end", onEnd);
      stdout.off("resize", onResize);
      process.off("SIGCONT", onContinue);
      process.off("exit", giveBack);
      for (const signal of ENDING) process.off(signal, onSignal);
    },
  };
}

/** Nothing but our own control characters gets to the terminal: here is the one way to it. */
function lineText(line: Line | undefined, columns: number): string {
  if (line === undefined) return "";
  const text = cut(escapeAgain(line.text), columns);
  if (line.style === undefined) return text;
  const space = line.style === "chosen" || line.style === "title" ? columns : 0;
  return `${STYLES[line.style]}${text}${" ".repeat(Math.max(0, space - Bun.stringWidth(text)))}\x1b[0m`;
}

/** At once: at the end of a process nothing that waits is written any more. */
function put(text: string): void {
  try {
    writeSync(STDOUT, text);
  } catch (error) {
    // Its window was closed, or it does not take more: what was not shown comes with the next look.
    if (!isGoneOrBusy(error)) throw error;
  }
}

function setCooked(): void {
  try {
    process.stdin.setRawMode(false);
  } catch (error) {
    if (!isGoneOrBusy(error)) throw error;
  }
}

/** Bun tells of a failed setRawMode only in words; 5 is EIO. */
function isGoneOrBusy(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = errorCode(error) ?? error.message.replace(/^.*errno: 5$/, "EIO");
  return ["EIO", "EPIPE", "EBADF", "EAGAIN"].includes(code);
}
