/**
 * Makes hostile text safe to show. A client's bytes end in terminals, logs and pages: an escape
 * code could retitle a terminal or type into it, and a bidi override could make one line read as
 * another (CVE-2021-42574).
 */

/** Control characters, those that reorder or hide the text around them, and our own escape. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\\]/gu;

const NAMED: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" };

/** In a latin1 string: a run of ASCII, what may be a character in UTF-8, or a lone byte. */
const UTF8_SEQUENCE =
  /[^\x80-\xff]+|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[\x80-\xff]/g;

/** Takes text and gives it with every unsafe character as a visible escape. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, (char) => NAMED[char] ?? escapeCode(char.codePointAt(0) ?? 0));
}

/** For what was escaped already and has come a way since: a backslash stays one. */
export function escapeAgain(text: string): string {
  return text.replace(UNSAFE, (char) => (char === "\\" ? char : escapeText(char)));
}

/** As `escapeText`, but each line of it stays one. */
export function escapeLines(text: string): string {
  return text.split("\n").map(escapeText).join("\n");
}

/**
 * Takes a client's bytes as a latin1 string (one character a byte) and gives readable text:
 * UTF-8 is shown as itself, any other byte as `\xNN`.
 */
export function escapeBytes(latin1: string): string {
  return latin1.replace(UTF8_SEQUENCE, (sequence) => {
    const text = Buffer.from(sequence, "latin1").toString("utf8");
    if (!text.includes("\ufffd")) return escapeText(text);
    return [...sequence].map((byte) => escapeCode(byte.charCodeAt(0))).join("");
  });
}

function escapeCode(code: number): string {
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`;
  return `\\u{${code.toString(16)}}`;
}
