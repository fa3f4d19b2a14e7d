/** `npm run build`: one file that is all of brood. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../../harness/connect.ts";
import { pstree } from "../../harness/processes.ts";
import { cleanEnvironment, EXECUTABLE, run, SOURCE } from "../../harness/run.ts";
import { startServer, startServerWithoutPage } from "../../harness/server.ts";
import { until } from "../../harness/until.ts";

/** Outside the checkout and any node_modules, and readable by every user. */
const folder = mkdtempSync(join(tmpdir(), "brood-build-"));
const executable = join(folder, "brood");

beforeAll(() => {
  chmodSync(folder, 0o755);
  copyFileSync(EXECUTABLE, executable);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** The two forms in which brood runs. Most other tests start only the executable. */
const FORMS = { "the executable": [executable], "the source": SOURCE };

const TRICKS = join(import.meta.dir, "../child/services/modules/tricks.ts");

for (const [form, program] of Object.entries(FORMS)) {
  for (const [flags, input, output] of [
    [{ service: "echo" }, "hello\n", "hello\n"],
    [{ service: "chat", spares: 1 }, "", "What is your name? "],
    [{ service: TRICKS }, "count\n", "ready\n1\n"],
    [{ service: TRICKS, spares: 1 }, "count\n", "ready\n1\n"],
    [{ pty: "cat" }, "hello\r", "hello\r\nhello\r\n"],
    [{ exec: "cat" }, "hello\n", "hello\n"],
  ] as const) {
    const what = JSON.stringify(flags).replace(TRICKS, "tricks.ts");
    test(`${form} runs every kind of service: ${what}`, async () => {
      await using server = await startServerWithoutPage(flags, { program });
      await using client = await connect(server.port);
      await client.send(input);
      expect(await client.readUntil(output)).toEndWith(output);
    });
  }
}

for (const [form, program] of Object.entries(FORMS)) {
  for (const spares of [0, 2]) {
    test(`${form} serves, with its page, named server, with ${spares} spares`, async () => {
      await using server = await startServer({ spares }, { program });
      await using client = await connect(server.port);
      await client.send("time\n");
      expect(await client.readUntil("\n")).toMatch(/^[\d/]{10} [\d:]{8}\n$/);
      await until(
        async () =>
          (await pstree(server.pid)) === `server---${spares > 0 ? "3*[server]" : "server"}\n`,
        "the tree shows the client's child and the spares",
      );
      expect(await (await fetch(`${server.url}pstree`)).text()).toContain("---server---");
      const page = await (await fetch(server.url)).text();
      expect(page).toContain('id="rows"');
      const assets = Array.from(
        page.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g),
        ([, path]) => path,
      );
      expect(assets).toContain("assets/page.js");
      expect(assets).toContain("assets/page.css");
      for (const path of assets) {
        const source = await fetch(server.url + path);
        expect(source.status).toBe(200);
        expect((await source.text()).length).toBeGreaterThan(100);
      }
      await client.send("quit\n");
      expect(await client.readToEnd()).toEqual({ text: "quit\n", end: "clean" });
    });
  }

  test(`${form} stores a history, in a file and in memory`, async () => {
    const file = join(folder, `history of ${form}.db`);
    for (const [flags, sessions] of [
      [{ history: file }, 1],
      [{ history: file }, 2],
      [{}, 1],
    ] as const) {
      await using server = await startServer(flags, { program });
      await using client = await connect(server.port);
      await client.send("quit\n");
      await client.readToEnd();
      await server.event("ended");
      await until(async () => {
        const answer = await fetch(`${server.url}api/history/totals?reason=quit`);
        return answer.ok && ((await answer.json()) as { sessions: number }).sessions === sessions;
      }, "the session is stored");
      expect(server.events("warning")).toEqual([]);
    }
  });
}

test("its other commands do the same as from source", async () => {
  await using server = await startServerWithoutPage({}, { program: [executable] });
  const asked = await run([executable, "client", "127.0.0.1", `${server.port}`], {
    stdin: "time\nquit\n",
  });
  expect(asked).toMatchObject({ exitCode: 0, stderr: "" });
  expect(asked.stdout).toContain("recived data : ");
  for (const args of [
    ["fork-example"],
    ["--help"],
    ["serve", "--frob"],
    ["frob"],
    ["top", "--help"],
    ["completion", "zsh"],
    ["kill", "x"],
  ]) {
    const sorted = ({ stdout, ...rest }: Awaited<ReturnType<typeof run>>) => ({
      ...rest,
      // Two processes that count at the same time print in any order.
      stdout: stdout.split("\n").sort(),
    });
    expect(sorted(await run([executable, ...args]))).toEqual(
      sorted(await run([...SOURCE, ...args])),
    );
  }
});

test("it queries a running server, as the source does", async () => {
  await using server = await startServer({}, { program: [executable] });
  await using client = await connect(server.port);
  await server.event("serving");
  const env = { BROOD_URL: server.url };
  for (const command of ["tree", "ps"]) {
    const own = await run([executable, command], { env });
    expect(own).toMatchObject({ stderr: "", exitCode: 0 });
    const source = await run([...SOURCE, command], { env });
    const still = (text: string) => text.replace(/\b\d+s\b|\d\.\d/g, "#");
    expect(still(own.stdout)).toBe(still(source.stdout));
  }
  const [, id = ""] = (await run([executable, "ps", "--no-header"], { env })).stdout
    .trim()
    .split(/ +/);
  const killed = await run([executable, "kill", "--wait", id], { env });
  expect(killed.stdout).toContain("TERM sent, gone after");
  await client.readToEnd();
});

test("it takes no configuration from the directory where it is started", async () => {
  const place = mkdtempSync(join(tmpdir(), "brood-place-"));
  await Bun.write(join(place, ".env"), "BROOD_PORT=high\n");
  await Bun.write(join(place, "bunfig.toml"), 'preload = ["./not-there.ts"]\n');
  try {
    const child = Bun.spawn([executable, "serve", "--max-clients", "none"], {
      cwd: place,
      env: cleanEnvironment(),
      stderr: "pipe",
    });
    expect(await new Response(child.stderr).text()).toStartWith("brood: --max-clients:");
    expect(await child.exited).toBe(2);
  } finally {
    rmSync(place, { recursive: true });
  }
});
