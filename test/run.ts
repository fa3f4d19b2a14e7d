/**
 * Runs all tests and ends with what failed, and one line, `N passed, N failed`.
 *
 * The counts are those of the JUnit report, which does not know everything: a file that does not
 * load is not in it, and an error between two tests shows in the exit status alone.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { builtExecutable } from "./harness/executable.ts";

/**
 * For one test, on a machine that is slow and busy: many times what any takes. What does not come true is
 * told by the test itself long before (harness/until.ts).
 */
const TIMEOUT_MS = 300_000;

/** Characters of why a test failed that are said again. */
const MOST_SAID = 4000;

/** Files at a time. More would make tests of a process-per-client server wait for each other. */
const AT_A_TIME = 2;

const root = join(import.meta.dir, "..");
await builtExecutable(); // once, and not by each of the processes that run the tests
const folder = mkdtempSync(join(tmpdir(), "brood-tests-"));
const reportPath = join(folder, "junit.xml");

const bun = Bun.spawn({
  cmd: [
    process.execPath,
    "test",
    `--timeout=${TIMEOUT_MS}`,
    `--parallel=${AT_A_TIME}`,
    "--reporter=junit",
    `--reporter-outfile=${reportPath}`,
    ...process.argv.slice(2),
  ],
  cwd: root,
  stdio: ["ignore", "inherit", "inherit"],
});
const exitCode = await bun.exited;
const report = Bun.file(reportPath);
const xml = (await report.exists()) ? await report.text() : "";
rmSync(folder, { recursive: true });

const tests = count("tests");
const skipped = count("skipped");
let failed = count("failures");
const passed = tests - failed - skipped;

// Only a run of everything says what is missing from the report.
if (process.argv.length === 2) failed += unreportedFiles().length;
if (exitCode !== 0 || passed + failed === 0) failed = Math.max(failed, 1);

for (const failure of failures()) console.log(`\n${failure}`);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exit(failed > 0 ? 1 : 0);

/** A total of the report: an attribute of its root element. */
function count(name: string): number {
  const [, value = "0"] = new RegExp(`<testsuites[^>]* ${name}="(\\d+)"`).exec(xml) ?? [];
  return Number(value);
}

/** Each test that failed, and why. Said again at the end: of a long output only that may be kept. */
function failures(): string[] {
  const all = /<testcase name="([^"]*)"[^>]* file="([^"]*)"[^>]*>\s*<failure[^>]*>([^<]*)</g;
  return Array.from(xml.matchAll(all), ([, name = "", file = "", why = ""]) =>
    unescapeXml(`${file}: (fail) ${name}\n${why.trim().slice(0, MOST_SAID)}\n`),
  );
}

function unescapeXml(text: string): string {
  const characters: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replaceAll(/&(?:#(\d+)|(\w+));/g, (all, code?: string, name?: string) =>
    code === undefined ? (characters[name ?? ""] ?? all) : String.fromCodePoint(Number(code)),
  );
}

/** Files of tests that the report does not mention: they did not load, or hold no test. */
function unreportedFiles(): string[] {
  const files = Array.from(new Bun.Glob("**/*.test.{ts,tsx}").scanSync(import.meta.dir));
  const paths = files.map((file) => relative(root, join(import.meta.dir, file)));
  const unreported = paths.filter((path) => !xml.includes(`file="${path}"`));
  for (const path of unreported) console.log(`${path}: no result`);
  return unreported;
}
