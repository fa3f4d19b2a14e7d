/** Comma-separated values as RFC 4180 has them, safe to open in a spreadsheet. */

export type Field = string | number | null;

/** One line with its end. */
export function csvLine(fields: readonly Field[]): string {
  return `${fields.map(csvField).join(",")}\r\n`;
}

/**
 * A spreadsheet takes a text that begins so for a formula, which could send what stands beside it elsewhere: with an
 * apostrophe before it it is a text (OWASP, CSV injection).
 */
const FORMULA = /^[=+\-@\t\r\n]/;

function csvField(field: Field): string {
  if (field === null) return "";
  if (typeof field === "number") return String(field);
  const text = FORMULA.test(field) ? `'${field}` : field;
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
