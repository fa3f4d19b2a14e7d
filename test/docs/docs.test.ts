/**
 * What the documentation says is true: its flags, commands, requests, scripts,
 * packages and links exist.
 */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import packageJson from "../../package.json";
import { COMMANDS } from "../../server/cli/remote/commands.ts";
import type { Flag } from "../../server/options/flag.ts";
import { environmentName, FLAG_NAMES, FLAGS } from "../../server/options/flags.ts";
import { ROOT } from "../harness/run.ts";
import { startServer } from "../harness/server.ts";
import { flagTable, flagTableInManual } from "./flag-table.ts";

const FILES = [
  "README.md",
  "README.ko.md",
  "SECURITY.md",
  "server/README.md",
  "server/child/services/README.md",
  "server/cli/remote/README.md",
  "dashboard/README.md",
  "test/README.md",
  "test/bench/README.md",
];

type Line = { kind: "fenced" | "indented" | "text"; text: string };

/** Tells code from text: what is between fences, and what is indented after an empty line. */
function linesOf(file: string): Line[] {
  let isFenced = false;
  return readFileSync(join(ROOT, file), "utf8")
    .split("\n")
    .map((text) => {
      const isFence = text.trimStart().startsWith("```");
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
  const letters = title.toLowerCase().replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "");
  return letters.replaceAll(" ", "-");
}

/** The tables' rows as cells; a pipe in a cell is written `\|`. */
function rowsOf(lines: readonly Line[]): string[][] {
  return textOf(lines)
    .filter((line) => line.startsWith("|"))
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim().replaceAll("\\|", "|")));
}

function codeIn(text: string): string[] {
  return Array.from(text.matchAll(/`([^`]+)`/g), ([, code = ""]) => code);
}

function linksOf(lines: readonly Line[]): string[] {
  const text = textOf(lines).join("\n");
  return Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, to = ""]) => to);
}

/** Every command and every piece of code in a file, wherever it is. */
function allCode(file: string): string[] {
  const lines = linesOf(file);
  return [...codeOf(lines), ...textOf(lines).flatMap(codeIn)];
}

describe("the two READMEs", () => {
  const [english, korean] = ["README.md", "README.ko.md"].map(linesOf) as [Line[], Line[]];

  test("have the same code", () => {
    const code = codeOf(english).filter((line) => line.trim() !== "");
    expect(code.length).toBeGreaterThan(20);
    // Prose in a numbered list is indented like code.
    const commands = (lines: Line[]) =>
      codeOf(lines).filter(
        (line) => /^ {4}|^```|^ {2}\w/.test(line) && /^[\p{ASCII}…]*$/u.test(line),
      );
    expect(commands(korean)).toEqual(commands(english));
  });

  test("have the same headings, but for their words", () => {
    const levels = (lines: Line[]) => headingsOf(lines).map(({ level }) => level);
    expect(levels(english).length).toBeGreaterThan(8);
    expect(levels(korean)).toEqual(levels(english));
  });

  test("have the same names and figures in their tables", () => {
    const facts = ([first = "", ...others]: string[]) => [
      ...codeIn(first),
      ...others.filter((cell) => /^[\d.,]+( \w+)?$|^`[^`]+`$/.test(cell)),
    ];
    expect(rowsOf(english).length).toBeGreaterThan(25);
    expect(rowsOf(korean).map(facts)).toEqual(rowsOf(english).map(facts));
  });

  test("state the defaults of their flags as they are", () => {
    const rows = rowsOf(english).filter(([first = ""]) => first.startsWith("`--"));
    expect(rows.length).toBeGreaterThan(10);
    for (const [first = "", stated = ""] of rows) {
      const name = /--([\w-]+)/.exec(first)?.[1] as keyof typeof FLAGS;
      const { fallback }: Flag = FLAGS[name];
      const [code] = codeIn(stated);
      if (code !== undefined && stated === `\`${code}\`` && name !== "host") {
        expect({ name, default: code }).toEqual({ name, default: fallback });
      }
    }
  });
});

test("the manual's table of flags is the one that the flags make (npm run docs)", async () => {
  const cells = (table: string) =>
    table
      .split("\n")
      .map((row) => row.split(/(?<!\\)\|/).map((cell) => cell.trim().replace(/^-+$/, "-")));
  expect(cells(await flagTableInManual())).toEqual(cells(flagTable()));
});

test("the commands' README has each command that queries a running server", () => {
  const firstCells = rowsOf(linesOf("server/cli/remote/README.md")).map(([first = ""]) => first);
  const names = firstCells
    .flatMap(codeIn)
    .map((name) => name.replace(/^brood /, "").split(" ")[0] ?? "");
  expect(names.filter((name) => name in COMMANDS)).toEqual(Object.keys(COMMANDS));
});

test("the dashboard's README has each request that the API's description has", async () => {
  await using server = await startServer();
  const { paths } = (await (await fetch(`${server.url}api/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>;
  };
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const documented = rowsOf(linesOf("dashboard/README.md")).flatMap(requestsIn);
  expect([...new Set(documented)].sort()).toEqual(described.sort());
});

test("each test that SECURITY.md refers to exists", () => {
  const tests = allCode("SECURITY.md").filter((code) => code.endsWith(".test.ts"));
  expect(tests.length).toBeGreaterThan(20);
  expect(tests.filter((path) => !existsSync(join(ROOT, "test", path)))).toEqual([]);
});

test("the manual has each script and each dependency", () => {
  const { dependencies, devDependencies, scripts } = packageJson;
  const names = rowsOf(linesOf("server/README.md")).flatMap(([first = ""]) => codeIn(first));
  for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
    expect(names).toContain(name);
  }
  const run = names.map((name) => /^npm(?: run)?(?: -s)? ([\w:-]+)/.exec(name)?.[1]);
  expect(Object.keys(scripts).filter((script) => !run.includes(script))).toEqual([]);
});

describe.each(FILES)("%s", (file) => {
  test("has links that lead somewhere", () => {
    const broken = linksOf(linesOf(file)).filter(
      (link) => !/^https?:/.test(link) && !leads(file, link),
    );
    expect(broken).toEqual([]);
  });

  test("names only scripts, flags and variables that exist", () => {
    const code = allCode(file).join("\n");
    const scripts = Array.from(
      code.matchAll(/\bnpm (?:run )?(?:-s )?([\w:-]+)/g),
      ([, name = ""]) => name,
    );
    const known = [...Object.keys(packageJson.scripts), "install", "run"];
    expect(scripts.filter((name) => !known.includes(name))).toEqual([]);
    const variables = Array.from(code.matchAll(/\bBROOD_\w+/g), ([name]) => name);
    const environment = [...FLAG_NAMES.map(environmentName), "BROOD_URL"];
    expect(variables.filter((name) => !environment.includes(name))).toEqual([]);
    // What is quoted is another program's.
    const ours = code.replaceAll(/'[^']*'/g, "");
    const served = Array.from(
      ours.matchAll(/npm start -- (.*(?:\\\n.*)*)/g),
      ([, args = ""]) => args,
    );
    const flags = served.flatMap((args) =>
      Array.from(args.matchAll(/--([\w-]+)/g), ([, f = ""]) => f),
    );
    expect(flags.filter((flag) => !(flag in FLAGS))).toEqual([]);
  });

  test("needs no Bun on the PATH", () => {
    const commands = codeOf(linesOf(file)).filter((line) => /^\s*bunx? /.test(line));
    expect(commands).toEqual([]);
  });
});

function leads(from: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? from : relative(ROOT, resolve(ROOT, dirname(from), path));
  if (!existsSync(join(ROOT, target))) return false;
  if (anchor === undefined) return true;
  return headingsOf(linesOf(target)).some(({ title }) => anchorOf(title) === anchor);
}

/**
 * `GET /api/kills/JOB` → `GET /api/kills/{id}`; a path without a method has
 * that of the one before it.
 */
function requestsIn([first = "", meaning = ""]: string[]): string[] {
  if (!/^`(GET|POST|DELETE) \//.test(first)) return [];
  let method = "";
  const requests = codeIn(first).flatMap((code) => {
    const [, stated, path] = /^(?:(\w+) )?(\/[^?]*)/.exec(code) ?? [];
    if (path === undefined) return [];
    method = stated ?? method;
    return [`${method} ${path.replace(/\/(ID|JOB)\b/, "/{id}")}`];
  });
  const cancels = codeIn(meaning).includes("DELETE");
  if (cancels) requests.push(...requests.map((request) => request.replace("GET", "DELETE")));
  return requests.filter((request) => !request.includes("/export."));
}
