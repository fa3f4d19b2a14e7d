/**
 * The end of a server whose thread that starts the children has failed. No
 * attack that does so is known.
 */
import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../harness/connect.ts";
import { pageFile } from "../harness/page-token.ts";
import { isRunning } from "../harness/processes.ts";
import { startServer } from "../harness/server.ts";
import { until } from "../harness/until.ts";
import { rows } from "../server/history/contents.ts";
import { SERVERS } from "./servers.ts";
import { buildTakenOver } from "./taken-over/build.ts";

const build = await buildTakenOver();
afterAll(() => build[Symbol.dispose]());

for (const [name, { flags, circumstances }] of Object.entries(SERVERS)) {
  test(`${name} ends with status 1 and says why, and live clients keep their children`, async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), "test-failure-"));
    await Bun.$`chmod 777 ${folder.path}`;
    const [history, failure] = [join(folder.path, "history"), join(folder.path, "fail")];
    await using server = await startServer(
      { ...flags, history, exec: "sh" },
      { ...circumstances, env: { FAILURE: failure }, program: [build.path] },
    );
    await using client = await connect(server.port);
    await client.send("echo $((6 * 7))\n");
    await client.readUntil("42\n");
    const { id, pid } = await server.event("serving");
    const page = name.startsWith("an ordinary") ? pageFile(server) : null;
    expect(page === null || existsSync(page)).toBe(true);

    await Bun.write(failure, "");
    expect(await server.exited()).toBe(1);
    const { message } = await server.event("warning");
    expect(message).toStartWith("the thread that starts children has failed: asked to fail: ");
    expect(rows(history, `SELECT id FROM sessions WHERE id = '${id}'`)).toHaveLength(1);
    expect(page === null || !existsSync(page)).toBe(true);

    await client.send("echo $((7 * 7)); touch $TMPDIR/file && echo written\n");
    expect(await client.readUntil("written\n")).toBe("49\nwritten\n");
    await using next = await startServer(
      { ...flags, exec: "sh", port: server.port },
      circumstances,
    );
    await using another = await connect(next.port);
    await another.send("echo $((8 * 8))\n");
    expect(await another.readUntil("\n")).toBe("64\n");
    await client.send("exit\n");
    expect((await client.readToEnd()).end).toBe("clean");
    await until(() => !isRunning(pid), "the child has ended");
    await expect(server.stop()).rejects.toThrow("the server left files: brood-tmp-"); // which the child had
  });
}
