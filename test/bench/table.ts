/** The benchmark's tables, as markdown for its README, and the format of their figures. */

export interface Table {
  title: string;
  /** What was measured and how: the line below the title. */
  about: string;
  /** The first row is the heading; the first column names the contestants. */
  rows: readonly (readonly string[])[];
}

export function markdown({ title, about, rows }: Table): string {
  const [head = []] = rows;
  const widths = head.map((_, column) => Math.max(3, ...rows.map((row) => width(row[column]))));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join(" | ")} |`;
  const rule = widths.map((w, column) => (column === 0 ? "-".repeat(w) : `${"-".repeat(w - 1)}:`));
  const lines = [line(head), `| ${rule.join(" | ")} |`, ...rows.slice(1).map(line)];
  return `### ${title}\n\n${about}\n\n${lines.join("\n")}\n`;
}

function width(cell = ""): number {
  return Bun.stringWidth(cell);
}

function pad(cell: string, to: number, column: number): string {
  const space = " ".repeat(to - width(cell));
  return column === 0 ? cell + space : space + cell;
}

/**
 * Formats a value with three significant digits, since more would mean nothing:
 * `0.25`, `17.6`, `15,500`.
 */
export function figure(value: number): string {
  if (Number.isNaN(value)) return "–";
  const rounded = Number(value.toPrecision(3));
  const digits = rounded < 10 ? 2 : rounded < 100 ? 1 : 0;
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return rounded.toLocaleString("en", options);
}

export function range(from: number, to: number): string {
  return `${figure(from)}–${figure(to)}`;
}

/** Formats a value as a multiple of the reference: `0.64 ×`. */
export function ratio(value: number, reference: number | undefined): string {
  return reference === undefined ? "–" : `${figure(value / reference)} ×`;
}

export function megabytes(bytes: number): string {
  return figure(bytes / 1e6);
}
