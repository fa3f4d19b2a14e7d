/**
 * Runs the tests, and ends with each failure and one line, `N passed, N failed`.
 *
 *     bun test/run.ts            everything (npm test)
 *     bun test/run.ts --long     the files whose tests have a longer form, in that form
 *     bun test/run.ts FILE…      these files; other arguments of `bun test` work too
 *     bun test/run.ts --update-timings    everything, and records how long each file took
 */
import { existsSync, mkdtempDisposableSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { builtExecutable } from "./harness/executable.ts";
import { type Failure, readReport, type Report, type Test } from "./harness/junit.ts";
import { LONG_VARIABLE } from "./harness/sized.ts";

/**
 * For one test on a slow and busy machine: many times what any test takes. A condition that does
 * not become true is reported by the test itself long before (harness/until.ts).
 */
const TIMEOUT_MS = 300_000;

/** For one test of `--long`. */
const LONG_TIMEOUT_MS = 3_600_000;

/** Files at a time: tests mostly wait, so more than there are cores. */
const FILES_AT_A_TIME = 6;

/** Failures in more files than this are not looked at again: something is broken. */
const MAX_CONFIRMED_FILES = 3;

/**
 * How long each file took once: the slowest ones are started first, so
 * that none is left at the end.
 */
const TIMINGS_PATH = join(import.meta.dir, "timings.json");

const root = join(import.meta.dir, "..");
const [option, ...rest] = process.argv.slice(2);
const isLong = option === "--long";
const args = isLong ? [...longFiles(), ...rest] : process.argv.slice(2);
const isWhole = args.length === 0;

await builtExecutable(); // once, and not in each of the processes that run the tests
const report = await runTests([
  `--timeout=${isLong ? LONG_TIMEOUT_MS : TIMEOUT_MS}`,
  `--parallel=${isLong ? 1 : FILES_AT_A_TIME}`,
  `--timings=${TIMINGS_PATH}`,
  ...args,
]);
// Only after a run of everything is it known which files are missing from the report.
if (isWhole) report.failures.push(...filesWithoutResult(report));
const failures = isWhole ? await confirm(report.failures) : report.failures;
const unconfirmed = report.failures.filter((failure) => !failures.includes(failure));

for (const failure of unconfirmed) print("failed, and passed when run alone", failure);
for (const failure of failures) print("fail", failure);
const passed = report.passed.length + unconfirmed.length;
const skipped = report.skipped.length > 0 ? `, ${report.skipped.length} skipped` : "";
console.log(`${passed} passed, ${failures.length} failed${skipped}`);
process.exit(failures.length > 0 ? 1 : 0);

/** Runs `bun test`. If that fails, so does at least one test of the report that is returned. */
async function runTests(arguments_: readonly string[]): Promise<Report> {
  using folder = mkdtempDisposableSync(join(tmpdir(), "brood-tests-"));
  const path = join(folder.path, "junit.xml");
  const reporter = ["--reporter=junit", `--reporter-outfile=${path}`];
  const bun = Bun.spawn({
    cmd: [process.execPath, "test", ...reporter, ...arguments_],
    cwd: root,
    env: { ...process.env, ...(isLong ? { [LONG_VARIABLE]: "1" } : {}) },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const exitCode = await bun.exited;
  const found = readReport(existsSync(path) ? readFileSync(path, "utf8") : "");
  if (found.failures.length === 0 && (exitCode !== 0 || found.passed.length === 0)) {
    const why = `exit status ${exitCode}, ${found.passed.length} passed`;
    found.failures.push({ file: "", name: "bun test", why });
  }
  return found;
}

/**
 * Runs files with failures once more, with nothing beside them, and returns the failures that
 * remain. A test that passes then fails only now and then: it is listed, to be fixed, and does not
 * stop anyone who changed something else.
 */
async function confirm(found: Failure[]): Promise<Failure[]> {
  const files = [...new Set(found.map(({ file }) => file))];
  if (files.length === 0 || files.length > MAX_CONFIRMED_FILES || files.includes("")) return found;
  console.log(`\nOnce more, alone: ${files.join(" ")}`);
  const again = await runTests([`--timeout=${TIMEOUT_MS}`, "--parallel=1", ...files]);
  const failing = new Set(again.failures.map(keyOf));
  const passing = new Set(again.passed.map(keyOf).filter((key) => !failing.has(key)));
  return found.filter((failure) => !passing.has(keyOf(failure)));
}

function keyOf({ file, name }: Test): string {
  return `${file}: ${name}`;
}

/** Prints a failure at the end, for only that may be kept of a long output. */
function print(verdict: string, { file, name, why }: Failure): void {
  console.log(`\n${file}: (${verdict}) ${name}\n${why}\n`);
}

/**
 * Returns a failure for each test file that the report does not mention: it did
 * not load, or holds no test.
 */
function filesWithoutResult({ passed, failures: failed, skipped: left }: Report): Failure[] {
  const files = new Set([...passed, ...failed, ...left].map(({ file }) => file));
  const missing = testFiles().filter((file) => !files.has(file));
  return missing.map((file) => ({ file, name: "no result", why: "" }));
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
