/**
 * A service that cannot be loaded is reported at the start, in one line,
 * and not to the first client.
 */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brood, run } from "../../harness/run.ts";
import { connect } from "../../harness/connect.ts";
import { startServerWithoutPage } from "../../harness/server.ts";

const folder = mkdtempSync(join(tmpdir(), "brood-services-")); // readable by this user only
afterAll(() => rmSync(folder, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await Bun.write(path, text);
  return path;
}

const IMPORT = 'import { service } from "brood";\n';

for (const [name, text, complaint] of [
  ["syntax.ts", "const = 1;", "syntax.ts:1: Expected identifier"],
  ["import.ts", 'import "./not-there.ts";', 'Could not resolve: "./not-there.ts"'],
  ["none.ts", "export const a = 1;", "its default export is not a service"],
  ["number.ts", "export default 3;", "its default export is not a service"],
  ["empty.ts", `${IMPORT}export default service({});`, "at least one of open, line and bytes"],
  ["typo.ts", `${IMPORT}export default service({ lines() {} });`, "lines is not a handler"],
  ["text.ts", `${IMPORT}export default service({ line: "x" });`, "line is not a function"],
  ["both.ts", `${IMPORT}export default service({ line() {}, bytes() {} });`, "line or bytes"],
  ["exits.ts", "process.exit(0);", "it ends its process while it loads"],
  ["throws.ts", '\n\nthrow new Error("no database");', "no database (at <anonymous>"],
] as const) {
  test(`${name}: ${complaint}`, async () => {
    const path = await write(name, text);
    const { stdout, stderr, exitCode } = await run(brood("serve", "--port", 0, "--service", path));
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(stderr).toStartWith(`brood: --service ${path}: `);
    expect(stderr).toContain(complaint);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    if (name === "throws.ts") expect(stderr).toContain("throws.ts:3:");
  });
}

test("a file that does not exist", async () => {
  const path = join(folder, "not-there.ts");
  expect(await run(brood("serve", "--port", 0, "--service", path))).toEqual({
    stdout: "",
    stderr: `brood: --service ${path}: no such file.\n`,
    exitCode: 2,
  });
});

test("children need no permission to read the service's file, nor what it imports", async () => {
  await write("part.ts", 'export const greeting: string = "hello from a part";');
  const text = `${IMPORT}import { greeting } from "./part.ts";
    export default service({ open: (client) => client.end(greeting) });`;
  await using server = await startServerWithoutPage({ service: await write("whole.ts", text) });
  await using client = await connect(server.port);
  expect(await client.readToEnd()).toEqual({ text: "hello from a part", end: "clean" });
});

test("a module may use top-level await", async () => {
  const text = `${IMPORT}const greeting = await Promise.resolve("awaited");
    export default service({ open: (client) => client.end(greeting) });`;
  await using server = await startServerWithoutPage({ service: await write("awaits.ts", text) });
  await using client = await connect(server.port);
  expect(await client.readToEnd()).toEqual({ text: "awaited", end: "clean" });
});

test("a stack names files relative to the service, wherever the server was started", async () => {
  await write("deep/thrower.ts", "export function fail(): never {\n  throw new Error('deep');\n}");
  const text = `${IMPORT}import { fail } from "./deep/thrower.ts";
    export default service({ open: () => fail() });`;
  await using server = await startServerWithoutPage({ service: await write("shallow.ts", text) });
  await using client = await connect(server.port);
  await client.readToEnd();
  const [, first, second] = (await server.event("failed")).error.split("\n");
  expect(first).toMatch(/^ {4}at fail \(deep\/thrower\.ts:2:\d+\)$/);
  expect(second).toMatch(/^ {4}at open \(shallow\.ts:3:\d+\)$/);
});

test("a service that loads at the start but not for a client fails that client", async () => {
  const text = `import { existsSync } from "node:fs";
    ${IMPORT}if (existsSync(process.env.FLAG ?? "")) throw new Error("no database any more");
    export default service({ open: (client) => client.end("served\\n") });`;
  const flag = join(tmpdir(), `brood-flag-${process.pid}`);
  const service = await write("fails.ts", text);
  await using server = await startServerWithoutPage(
    { service, childEnv: "FLAG" },
    { env: { FLAG: flag } },
  );
  await using first = await connect(server.port);
  expect((await first.readToEnd()).text).toBe("served\n");
  await Bun.write(flag, "");
  try {
    await using second = await connect(server.port);
    expect((await second.readToEnd()).text).toBe("the service has failed\r\n");
    expect((await server.event("failed")).error).toStartWith("Error: no database any more\n");
  } finally {
    rmSync(flag);
  }
});
