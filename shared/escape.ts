/**
 * Makes hostile text safe to show. A client's bytes end in terminals, logs and pages: an escape
 * code could retitle a terminal or type into it, and a bidi override could make one line read as
 * another (CVE-2021-42574).
 */

/**
 * Control characters, characters that reorder or hide the text around them,
 * and our escape character.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\\]/gu;

const NAMED: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" };

/** In a latin1 string: a run of ASCII, a possible UTF-8 sequence, or a lone byte. */
const UTF8_SEQUENCE =
  /[^\x80-\xff]+|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[\x80-\xff]/g;

/** Returns the text with every unsafe character replaced by a visible escape. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, (char) => NAMED[char] ?? escapeCode(char.codePointAt(0) ?? 0));
}

/**
 * Escapes text that was escaped before but has left our hands since: its
 * backslashes stay as they are.
 */
export function escapeAgain(text: string): string {
  return text.replace(UNSAFE, (char) => (char === "\\" ? char : escapeText(char)));
}

/** As `escapeText`, but keeps line feeds. */
export function escapeLines(text: string): string {
  return text.split("\n").map(escapeText).join("\n");
}

/**
 * Takes bytes as a latin1 string (one character per byte) and returns readable text: valid UTF-8 as
 * itself, any other byte as `\xNN`.
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
