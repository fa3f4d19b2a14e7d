/**
 * Runs all tests, and ends with each failure and one line, `N passed, N failed`.
 *
 *     bun test/run.ts            everything (npm test)
 *     bun test/run.ts --long     the files whose tests have a longer form, in that form
 *     bun test/run.ts FILE…      these files; other arguments of `bun test` work too
 *     bun test/run.ts --update-timings    everything, and records how long each file took
 *
 * The counts are those of the JUnit report. It leaves out a file that does not load, and an error
 * between two tests, which shows only in the exit status.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { builtExecutable } from "./harness/executable.ts";
import { LONG_VARIABLE } from "./harness/sized.ts";

/**
 * For one test on a slow and busy machine: many times what any test takes. A condition that does not
 * become true is reported by the test itself long before (harness/until.ts).
 */
const TIMEOUT_MS = 300_000;

/** For one test of `--long`. */
const LONG_TIMEOUT_MS = 3_600_000;

/** Characters of each failure that are repeated at the end. */
const MAX_FAILURE_CHARS = 4000;

/** Files at a time: tests mostly wait, so more than there are cores. */
const FILES_AT_A_TIME = 6;

/** How long each file took once: the slowest ones are started first, so that none is left at the end. */
const TIMINGS_PATH = join(import.meta.dir, "timings.json");

const root = join(import.meta.dir, "..");
const [option, ...rest] = process.argv.slice(2);
const isLong = option === "--long";
const args = isLong ? [...longFiles(), ...rest] : process.argv.slice(2);

await builtExecutable(); // once, and not in each of the processes that run the tests
const folder = mkdtempSync(join(tmpdir(), "brood-tests-"));
const reportPath = join(folder, "junit.xml");

const bun = Bun.spawn({
  cmd: [
    process.execPath,
    "test",
    `--timeout=${isLong ? LONG_TIMEOUT_MS : TIMEOUT_MS}`,
    `--parallel=${isLong ? 1 : FILES_AT_A_TIME}`,
    `--timings=${TIMINGS_PATH}`,
    "--reporter=junit",
    `--reporter-outfile=${reportPath}`,
    ...args,
  ],
  cwd: root,
  env: { ...process.env, ...(isLong ? { [LONG_VARIABLE]: "1" } : {}) },
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

// Only after a run of everything is it known what is missing from the report.
if (args.length === 0) failed += unreportedFiles().length;
if (exitCode !== 0 || passed + failed === 0) failed = Math.max(failed, 1);

for (const failure of failures()) console.log(`\n${failure}`);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exit(failed > 0 ? 1 : 0);

/** Returns a total of the report: an attribute of its root element. */
function count(name: string): number {
  const [, value = "0"] = new RegExp(`<testsuites[^>]* ${name}="(\\d+)"`).exec(xml) ?? [];
  return Number(value);
}

/** Returns each test that failed, and why. It is printed again at the end, for only that may be kept of a long output. */
function failures(): string[] {
  const all = /<testcase name="([^"]*)"[^>]* file="([^"]*)"[^>]*>\s*<failure[^>]*>([^<]*)</g;
  return Array.from(xml.matchAll(all), ([, name = "", file = "", why = ""]) =>
    unescapeXml(`${file}: (fail) ${name}\n${why.trim().slice(0, MAX_FAILURE_CHARS)}\n`),
  );
}

function unescapeXml(text: string): string {
  const characters: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replaceAll(/&(?:#(\d+)|(\w+));/g, (all, code?: string, name?: string) =>
    code === undefined ? (characters[name ?? ""] ?? all) : String.fromCodePoint(Number(code)),
  );
}

/** Returns the test files that the report does not mention: they did not load, or hold no test. */
function unreportedFiles(): string[] {
  const unreported = testFiles().filter((path) => !xml.includes(`file="${path}"`));
  for (const path of unreported) console.log(`${path}: no result`);
  return unreported;
}

/** Returns the test files that use `sized`. */
function longFiles(): string[] {
  return testFiles().filter((path) =>
    readFileSync(join(root, path), "utf8").includes("harness/sized.ts"),
  );
}

function testFiles(): string[] {
  const files = Array.from(new Bun.Glob("**/*.test.{ts,tsx}").scanSync(import.meta.dir));
  return files.map((file) => relative(root, join(import.meta.dir, file)));
}
