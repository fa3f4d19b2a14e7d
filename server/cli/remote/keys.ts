/** Splits what is typed in a terminal into keys. */

const ESC = "\x1b";

const PASTE = `${ESC}[200~`;
const PASTE_END = `${ESC}[201~`;

/** Longer pastes lose their beginning. */
const MAX_PASTE_CHARS = 1000;

/**
 * An escape sequence is one key, such as an arrow in either of the modes that a terminal may be in.
 */
const KEY = new RegExp(`${ESC}\\[[0-9;?]*[ -/]*[@-~]|${ESC}O[^]|[^]`, "gu");

export type Key = { key: string } | { pasted: string };

/**
 * Returns a function that takes input as it arrives and returns the keys in it.
 * Pasted text is never keys.
 */
export function createKeyReader(): (input: string) => Key[] {
  /** The beginning of a paste that has not ended yet. */
  let pasted: string | null = null;

  return (input) => {
    const keys: Key[] = [];
    let rest = input;
    while (rest !== "") {
      if (pasted === null) {
        const [typed = "", after] = splitAt(rest, PASTE);
        for (const key of typed.match(KEY) ?? []) keys.push({ key });
        if (after === null) break;
        pasted = "";
        rest = after;
      }
      const [text, after] = splitAt(pasted + rest, PASTE_END);
      if (after === null) {
        // Keep the end: its last characters may be the first half of PASTE_END.
        pasted = text.slice(-MAX_PASTE_CHARS);
        break;
      }
      keys.push({ pasted: text });
      pasted = null;
      rest = after;
    }
    return keys;
  };
}

function splitAt(text: string, mark: string): [before: string, after: string | null] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, null] : [text.slice(0, at), text.slice(at + mark.length)];
}
