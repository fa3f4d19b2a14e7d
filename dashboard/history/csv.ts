/** Comma-separated values (RFC 4180), safe to open in a spreadsheet. */

export type Field = string | number | null;

/** One line, with its line break. */
export function csvLine(fields: readonly Field[]): string {
  return `${fields.map(csvField).join(",")}\r\n`;
}

/**
 * A spreadsheet takes text that begins like this for a formula, which could send the cells beside
 * it elsewhere. An apostrophe in front makes it plain text (OWASP, CSV injection).
 */
const FORMULA = /^[=+\-@\t\r\n]/;

function csvField(field: Field): string {
  if (field === null) return "";
  if (typeof field === "number") return String(field);
  const text = FORMULA.test(field) ? `'${field}` : field;
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
