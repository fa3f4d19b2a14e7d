/** What is typed in a terminal, key by key. */

const ESC = "\x1b";

const PASTE = `${ESC}[200~`;
const PASTE_END = `${ESC}[201~`;

/** Characters of a paste that are kept. */
const MOST_PASTED = 1000;

/** A sequence is one key: of the arrows and their like, in both modes a terminal may be in. */
const KEY = new RegExp(`${ESC}\\[[0-9;?]*[ -/]*[@-~]|${ESC}O[^]|[^]`, "gu");

export type Key = { key: string } | { pasted: string };

/** Takes pieces as they come and gives the keys in them. What is pasted is text, whatever keys it names. */
export function createKeyReader(): (piece: string) => Key[] {
  /** What has come of a paste that has not ended. */
  let pasted: string | null = null;

  return (piece) => {
    const keys: Key[] = [];
    let rest = piece;
    while (rest !== "") {
      if (pasted === null) {
        const [typed = "", more] = splitAt(rest, PASTE);
        for (const key of typed.match(KEY) ?? []) keys.push({ key });
        if (more === null) break;
        pasted = "";
        rest = more;
      }
      const [text, more] = splitAt(pasted + rest, PASTE_END);
      if (more === null) {
        // Of one that is longer the end is kept: its last characters may be the half of what ends it.
        pasted = text.slice(-MOST_PASTED);
        break;
      }
      keys.push({ pasted: text });
      pasted = null;
      rest = more;
    }
    return keys;
  };
}

function splitAt(text: string, mark: string): [before: string, after: string | null] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, null] : [text.slice(0, at), text.slice(at + mark.length)];
}
