/** The lines of a client's text. */

/** Bytes that a line may have. */
export const MAX_LINE_BYTES = 4096;

export interface Lines {
  /** Takes text in any split, one character a byte; calls for each line that is whole. */
  take(latin1: string): void;
  /** Nothing will come any more: what has begun is a line. */
  end(): void;
}

/**
 * `onLine` gets a line without its LF, CR or CR LF, or telnet's CR NUL; `onExcess` in its place the beginning of one
 * that is too long.
 */
export function createLineSplitter(
  onLine: (latin1: string) => void,
  onExcess: (beginning: string) => void,
): Lines {
  let line = "";
  let isExcess = false;
  let afterCr = false;

  function append(text: string): void {
    if (isExcess) return;
    line += text;
    if (line.length <= MAX_LINE_BYTES) return;
    isExcess = true;
    onExcess(line.slice(0, MAX_LINE_BYTES));
  }

  function endLine(): void {
    if (!isExcess) onLine(line);
    line = "";
    isExcess = false;
  }

  return {
    take(latin1) {
      let start = 0;
      for (let i = 0; i < latin1.length; i += 1) {
        const char = latin1.charAt(i);
        const isSecondHalf = afterCr && (char === "\n" || char === "\0");
        afterCr = char === "\r";
        if (isSecondHalf) start = i + 1;
        else if (char === "\r" || char === "\n") {
          append(latin1.slice(start, i));
          endLine();
          start = i + 1;
        }
      }
      append(latin1.slice(start));
    },
    end() {
      if (line !== "") endLine();
    },
  };
}
