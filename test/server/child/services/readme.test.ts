/** The services that the READMEs show work as they say. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../../../harness/connect.ts";
import { ROOT, run } from "../../../harness/run.ts";
import { startServerWithoutPage } from "../../../harness/server.ts";

const folder = mkdtempSync(join(tmpdir(), "brood-readme-"));
afterAll(() => rmSync(folder, { recursive: true }));

const readme = readFileSync(join(ROOT, "server/child/services/README.md"), "utf8");
const [guess = "", yard = ""] = Array.from(
  readme.matchAll(/```ts\n(.*?)```/gs),
  ([, code]) => code,
);

async function write(name: string, code: string): Promise<string> {
  const path = join(folder, name);
  await Bun.write(path, code);
  return path;
}

test("the README's first service is the one in the services' README", () => {
  expect(guess).not.toBe("");
  expect(readFileSync(join(ROOT, "README.md"), "utf8")).toContain(guess);
});

test("the guessing service has its number guessed", async () => {
  await using server = await startServerWithoutPage({ service: await write("guess.ts", guess) });
  await using client = await connect(server.port);
  expect(await client.readUntil("\n")).toBe("Guess a number from 1 to 100.\r\n");
  let [least, most, tries] = [1, 100, 0];
  for (let answer = ""; !answer.startsWith("Yes"); tries += 1) {
    const middle = Math.floor((least + most) / 2);
    await client.send(`${middle}\r\n`);
    answer = await client.readUntil("\n");
    if (answer === "More.\r\n") least = middle + 1;
    else if (answer === "Less.\r\n") most = middle - 1;
    else expect(answer).toBe(`Yes, in ${tries + 1}.\r\n`);
  }
  expect((await client.readToEnd()).end).toBe("clean");
});

test("clients of the yard hear each other", async () => {
  await using server = await startServerWithoutPage({ service: await write("yard.ts", yard) });
  await using first = await connect(server.port);
  expect(await first.readUntil("\n")).toBe("1 in the yard\r\n");
  await using second = await connect(server.port);
  expect(await second.readUntil("\n")).toBe("2 in the yard\r\n");
  await second.send("hello\r\n");
  expect(await first.readUntil("\n")).toBe(`guest${second.port}: hello\r\n`);
});

test("both services type-check", async () => {
  const modules = ["guess.ts", "yard.ts"];
  await write("guess.ts", guess);
  await write("yard.ts", yard);
  await write("package.json", JSON.stringify({ type: "module" }));
  await write(
    "tsconfig.json",
    JSON.stringify({
      extends: join(ROOT, "tsconfig.json"),
      compilerOptions: {
        paths: { brood: [join(ROOT, "server/service.ts")] },
        typeRoots: [join(ROOT, "node_modules")],
      },
      include: modules,
    }),
  );
  const { stdout, stderr, exitCode } = await run([process.execPath, "check"], { cwd: folder });
  expect({ exitCode, output: exitCode === 0 ? "" : stdout + stderr }).toEqual({
    exitCode: 0,
    output: "",
  });
  // And the check can fail.
  await write("guess.ts", guess.replace("tries: 0", "tried: 0"));
  expect((await run([process.execPath, "check"], { cwd: folder })).exitCode).not.toBe(0);
});
