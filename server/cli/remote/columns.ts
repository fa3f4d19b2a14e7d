/** Text in columns, as `ps` prints it. */
import { escapeAgain } from "../../../shared/escape.ts";

export interface Column<Row> {
  title: string;
  alignRight?: true;
  /** In characters. */
  minWidth?: number;
  text: (row: Row) => string;
}

/** Separates two columns. */
const GAP = "  ";

/** Returns a line of titles and a line for each row. The last column is not padded. */
export function formatColumns<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): string[] {
  const cells = columns.map(({ title, alignRight, minWidth = 0, text }, at) => {
    const texts = [title, ...rows.map((row) => escapeAgain(text(row)))];
    if (at === columns.length - 1 && !alignRight) return texts;
    const width = texts.reduce((max, cell) => Math.max(max, Bun.stringWidth(cell)), minWidth);
    return texts.map((cell) => {
      const space = " ".repeat(width - Bun.stringWidth(cell));
      return alignRight ? space + cell : cell + space;
    });
  });
  return Array.from({ length: rows.length + 1 }, (_, row) =>
    cells
      .map((texts) => texts[row])
      .join(GAP)
      .trimEnd(),
  );
}

/**
 * Returns as much of a line as fits into `width` columns of a terminal; all
 * of it if `width` is null.
 */
export function cut(line: string, width: number | null): string {
  return width === null ? line : Bun.sliceAnsi(line, 0, width);
}
