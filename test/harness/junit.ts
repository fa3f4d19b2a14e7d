/**
 * The JUnit report of `bun test`. It leaves out a file that does not load, and an error between two
 * tests, which shows only in the exit status.
 */

export interface Test {
  /** Its path from the root of the project. */
  file: string;
  name: string;
}

export interface Failure extends Test {
  /** The first characters of the error. */
  why: string;
}

export interface Report {
  passed: Test[];
  failures: Failure[];
  skipped: Test[];
}

/** Characters of each error that are kept. */
const MAX_WHY_CHARS = 4000;

const TESTCASE =
  /<testcase name="([^"]*)" classname="([^"]*)"[^>]*? file="([^"]*)"[^>]*?(?:\/>|>(.*?)<\/testcase>)/gs;

/** Reads a report, which may be empty: then there is no test in it. */
export function readReport(xml: string): Report {
  const report: Report = { passed: [], failures: [], skipped: [] };
  for (const [, title = "", group = "", file = "", content = ""] of xml.matchAll(TESTCASE)) {
    const name = group === "" ? title : `${group} > ${title}`;
    const test = { file: unescapeXml(file), name: unescapeXml(name) };
    const [, why] = /<failure[^>]*>([^<]*)/.exec(content) ?? [];
    if (why !== undefined) {
      report.failures.push({ ...test, why: unescapeXml(why).trim().slice(0, MAX_WHY_CHARS) });
    } else if (content.includes("<skipped")) report.skipped.push(test);
    else report.passed.push(test);
  }
  return report;
}

function unescapeXml(text: string): string {
  const characters: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replaceAll(/&(?:#(\d+)|(\w+));/g, (all, code?: string, name?: string) =>
    code === undefined ? (characters[name ?? ""] ?? all) : String.fromCodePoint(Number(code)),
  );
}
