/** Both READMEs say the same, as much of it as there is, and each of their links leads somewhere. */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { OPERATIONS } from "../dashboard/http/openapi/paths.ts";
import packageJson from "../package.json";
import { FLAG_NAMES } from "../server/options/flags.ts";
import { COMMANDS } from "../server/cli/remote/commands.ts";
import { ROOT } from "./harness/run.ts";

const FILES = ["README.md", "README.ko.md"] as const;

type Line = { kind: "fenced" | "indented" | "text"; text: string };

/** Code apart from text: what stands between fences, and what is indented by four, in no list. */
function linesOf(file: string): Line[] {
  let isFenced = false;
  return readFileSync(join(ROOT, file), "utf8")
    .split("\n")
    .map((text) => {
      const isFence = text.startsWith("```");
      if (isFence) isFenced = !isFenced;
      if (isFence || isFenced) return { kind: "fenced", text };
      return { kind: text.startsWith("    ") ? "indented" : "text", text };
    });
}

function codeOf(lines: readonly Line[]): string[] {
  return lines.filter(({ kind }) => kind !== "text").map(({ text }) => text);
}

function textOf(lines: readonly Line[]): string[] {
  return lines.filter(({ kind }) => kind === "text").map(({ text }) => text);
}

function headingsOf(lines: readonly Line[]): { level: number; title: string }[] {
  return textOf(lines).flatMap((line) => {
    const [, marks = "", title = ""] = /^(#+) (.*)$/.exec(line) ?? [];
    return marks === "" ? [] : [{ level: marks.length, title }];
  });
}

/** As GitHub makes them: letters of any script stay. */
function anchorOf(title: string): string {
  const kept = title.toLowerCase().replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "");
  return kept.replaceAll(" ", "-");
}

/** The tables' rows as cells; a pipe in a cell is written `\|`. */
function rowsOf(lines: readonly Line[]): string[][] {
  return textOf(lines)
    .filter((line) => line.startsWith("|"))
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim().replaceAll("\\|", "|")));
}

/** What a table says in no language: the names in its first column, and its figures. */
function sameInAll([first = "", ...others]: string[]): string[] {
  const names = Array.from(first.matchAll(/`[^`]+`/g), ([name]) => name);
  return [...names, ...others.filter((cell) => /^[\d.,–() ×]+$/.test(cell))];
}

function linksOf(lines: readonly Line[]): string[] {
  return Array.from(
    textOf(lines)
      .join("\n")
      .matchAll(/\]\(([^)\s]+)\)/g),
    ([, to = ""]) => to,
  );
}

const [english, korean] = FILES.map(linesOf) as [Line[], Line[]];

test("both have the same code", () => {
  expect(codeOf(english).length).toBeGreaterThan(40);
  expect(codeOf(korean)).toEqual(codeOf(english));
});

test("both have the same headings, but for their words", () => {
  const levels = (lines: Line[]) => headingsOf(lines).map(({ level }) => level);
  expect(levels(english).length).toBeGreaterThan(20);
  expect(levels(korean)).toEqual(levels(english));
});

test("both have the same names and figures in their tables", () => {
  expect(rowsOf(english).length).toBeGreaterThan(200);
  expect(rowsOf(korean).map(sameInAll)).toEqual(rowsOf(english).map(sameInAll));
});

describe.each(FILES)("%s", (file) => {
  const lines = linesOf(file);
  const firstCells = rowsOf(lines).map(([first = ""]) => first);

  test("has each flag of the server in its table", () => {
    const rows = firstCells.filter((cell) => cell.startsWith("`--"));
    const flags = rows.flatMap((cell) => Array.from(cell.matchAll(/`--([\w-]+)/g), ([, f]) => f));
    const [from, to] = [flags.indexOf("host"), flags.indexOf("log") + 1];
    expect(flags.slice(from, to)).toEqual(FLAG_NAMES);
  });

  test("has each command that asks a running server", () => {
    const names = firstCells.filter((cell) => cell.startsWith("`brood ")).flatMap(codeIn);
    const told = names.map((name) => name.replace(/^brood /, "").split(" ")[0]);
    expect(told.filter((name) => name !== undefined && name in COMMANDS)).toEqual(
      Object.keys(COMMANDS),
    );
  });

  test("has each request that the API's description has", () => {
    const told = rowsOf(lines).flatMap(requestsIn);
    expect([...new Set(told)].sort()).toEqual(Object.keys(OPERATIONS).sort());
  });

  test("has each script and each dependency", () => {
    const { dependencies, devDependencies, scripts } = packageJson;
    const names = firstCells.flatMap(codeIn);
    for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
      expect(names).toContain(name);
    }
    const run = names.map((name) => /^(?:bun|npm)(?: run)? ([\w-]+)/.exec(name)?.[1]);
    expect(Object.keys(scripts).filter((script) => !run.includes(script))).toEqual([]);
  });

  test("has links that lead somewhere", () => {
    const links = linksOf(lines);
    expect(links.length).toBeGreaterThan(40);
    const lost = links.filter((link) => !/^https?:/.test(link) && !leads(file, link));
    expect(lost).toEqual([]);
  });
});

function leads(from: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const file = path === "" ? from : path;
  if (!existsSync(join(ROOT, file))) return false;
  if (anchor === undefined) return true;
  return headingsOf(linesOf(file)).some(({ title }) => anchorOf(title) === anchor);
}

function codeIn(cell: string): string[] {
  return Array.from(cell.matchAll(/`([^`]+)`/g), ([, code = ""]) => code);
}

/** `GET /api/kills/JOB` → `GET /api/kills/{id}`; a path without a method has that of the one before it. */
function requestsIn([first = "", says = ""]: string[]): string[] {
  if (!/^`(GET|POST|DELETE) \//.test(first)) return [];
  let method = "";
  const requests = codeIn(first).flatMap((code) => {
    const [, said, path] = /^(?:(\w+) )?(\/[^?]*)/.exec(code) ?? [];
    if (path === undefined) return [];
    method = said ?? method;
    return [`${method} ${path.replace(/\/(ID|JOB)\b/, "/{id}")}`];
  });
  const cancels = codeIn(says).includes("DELETE");
  if (cancels) requests.push(...requests.map((request) => request.replace("GET", "DELETE")));
  return requests.filter((request) => !request.includes("/export."));
}
