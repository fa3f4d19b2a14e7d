/**
 * The table of flags in server/README.md, made from the flags themselves.
 *
 *     npm run docs        writes it into the file
 */
import { join } from "node:path";
import { FLAGS } from "../../server/options/flags.ts";
import type { Flag } from "../../server/options/flag.ts";
import { ROOT } from "../harness/run.ts";

const MANUAL = join(ROOT, "server/README.md");

const MARKS = { begin: "<!-- flags -->", end: "<!-- /flags -->" };

/** Returns the table as it should be: a row for each flag, with its default and its help text. */
export function flagTable(): string {
  const rows = Object.entries(FLAGS).map(([name, { value, fallback, help }]: [string, Flag]) => [
    `\`--${name}${value === "" ? "" : ` ${value}`}\``,
    fallback === "" ? "" : `\`${fallback}\``,
    help,
  ]);
  return markdownTable([["flag", "default", "meaning"], ...rows]);
}

/** Returns the table as it is in server/README.md. @throws if its marks are missing. */
export async function flagTableInManual(): Promise<string> {
  const { table } = split(await Bun.file(MANUAL).text());
  return table;
}

async function write(): Promise<void> {
  const { before, after } = split(await Bun.file(MANUAL).text());
  await Bun.write(MANUAL, `${before}\n\n${flagTable()}\n\n${after}`);
}

function split(text: string): { before: string; table: string; after: string } {
  const begin = text.indexOf(MARKS.begin) + MARKS.begin.length;
  const end = text.indexOf(MARKS.end);
  if (begin < MARKS.begin.length || end < begin) throw new Error(`${MANUAL}: no ${MARKS.begin}`);
  return {
    before: text.slice(0, begin),
    table: text.slice(begin, end).trim(),
    after: text.slice(end),
  };
}

function markdownTable([head = [], ...rows]: readonly string[][]): string {
  const all = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = line(widths.map((width) => "-".repeat(width)));
  return [line(all[0] ?? []), rule, ...all.slice(1).map(line)].join("\n");
}

if (import.meta.main) await write();
