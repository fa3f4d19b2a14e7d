/** Text in columns, as `ps` prints it. */
import { escapeAgain } from "../../../shared/escape.ts";

export interface Column<Row> {
  title: string;
  /** Figures stand at the right. */
  right?: true;
  /** Characters that it has at the least. */
  least?: number;
  text: (row: Row) => string;
}

/** Between two columns. */
const GAP = "  ";

/** A line with the titles, and one for each row; the last column is as long as it is. */
export function formatColumns<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): string[] {
  const cells = columns.map(({ title, right, least = 0, text }, at) => {
    const texts = [title, ...rows.map((row) => escapeAgain(text(row)))];
    if (at === columns.length - 1 && !right) return texts;
    const width = texts.reduce((most, text) => Math.max(most, Bun.stringWidth(text)), least);
    return texts.map((text) => {
      const space = " ".repeat(width - Bun.stringWidth(text));
      return right ? space + text : text + space;
    });
  });
  return Array.from({ length: rows.length + 1 }, (_, row) =>
    cells
      .map((texts) => texts[row])
      .join(GAP)
      .trimEnd(),
  );
}

/** As much of a line as a terminal of that width shows. */
export function cut(line: string, width: number | null): string {
  return width === null ? line : Bun.sliceAnsi(line, 0, width);
}
