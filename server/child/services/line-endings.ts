/** Separates what a client sends into text and line endings, one character at a time. Pure. */

const LF = "\n";
const CR = "\r";
const NUL = "\0";

export interface LineEndings {
  take(char: string): void;
  /**
   * The client sends nothing more: a CR is not followed by anything. Returns whether there was one.
   */
  end(): boolean;
}

/**
 * `onEnding` is called with LF, CR or CR LF, as soon as it is clear which it is. Telnet sends the
 * end of a line as CR LF, and a bare return as CR NUL (RFC 854), which counts as CR LF.
 */
export function createLineEndings(
  onText: (char: string) => void,
  onEnding: (ending: string) => void,
): LineEndings {
  let afterCr = false;

  return {
    take(char) {
      if (afterCr) {
        afterCr = false;
        if (char === LF || char === NUL) return onEnding(CR + LF);
        onEnding(CR);
      }
      if (char === CR) afterCr = true;
      else if (char === LF) onEnding(LF);
      else onText(char);
    },
    end() {
      if (!afterCr) return false;
      onEnding(CR);
      return true;
    },
  };
}
