/** Splits text into lines. */

/** Bytes of the longest line. */
export const MAX_LINE_BYTES = 4096;

export interface LineSplitter {
  /** Takes text in any split, one character per byte; calls back for each line that is complete. */
  take(latin1: string): void;
  /** Nothing more will come: text without a line ending is a line. */
  end(): void;
}

/**
 * `onLine` takes a line without its LF, CR or CR LF, or telnet's CR NUL. If the line is too long
 * `onExcess` takes its beginning instead.
 */
export function createLineSplitter(
  onLine: (latin1: string) => void,
  onExcess: (beginning: string) => void,
): LineSplitter {
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
