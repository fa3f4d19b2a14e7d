/** The page's tree as text, compared with the output of the system's pstree. */
import { expect, test } from "bun:test";
import { run } from "../../harness/run.ts";
import { shareServers } from "../../harness/shared-server.ts";
import { connectServed, connectManyServed } from "../../harness/served-client.ts";
import { request } from "../request.ts";

const sharedServer = shareServers();

const CHARSETS = [
  { charset: "ascii", flag: "A" },
  { charset: "utf8", flag: "U" },
];

const STYLES = [
  { query: "", flag: "" },
  { query: "&pids=1", flag: "p" },
  { query: "&compact=0", flag: "c" },
  { query: "&pids=1&compact=0", flag: "pc" },
];

for (const count of [0, 1, 3]) {
  test(`the server's tree with ${count} clients is what pstree prints, in each style`, async () => {
    const server = await sharedServer();
    await using _guests = await connectManyServed(server, count);
    for (const { charset, flag } of CHARSETS) {
      for (const style of STYLES) {
        const cmd = ["pstree", `-lsT${flag}${style.flag}`, String(server.pid)];
        const path = `pstree?scope=server&charset=${charset}${style.query}`;
        const { status, text } = await request(server, path);
        expect({ path, status, text }).toEqual({
          path,
          status: 200,
          text: (await run(cmd)).stdout,
        });
      }
    }
  });
}

test("without a query, it is the server's tree, compact and in ASCII, as plain text", async () => {
  const server = await sharedServer();
  await using _guests = await connectManyServed(server, 3);
  const { status, headers, text } = await request(server, "pstree");
  expect(status).toBe(200);
  expect(headers.get("content-type")).toStartWith("text/plain");
  expect(text).toEndWith("---server---3*[server]\n");
  expect(text).toBe((await run(["pstree", "-lsTA", String(server.pid)])).stdout);
});

test("the host's tree starts at PID 1 and includes the master and its children", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  const { text } = await request(server, "pstree?scope=host&pids=1");
  expect(text).toMatch(/^\S+\(1\)/);
  expect(text).toContain(`server(${server.pid})---server(${served.pid})\n`);
});

test("a child that has ended is no longer in the tree", async () => {
  const server = await sharedServer();
  await using served = await connectServed(server);
  await served.quit();
  await server.event("ended");
  const { text } = await request(server, "pstree?pids=1");
  expect(text).toEndWith(`server(${server.pid})\n`);
});

test("invalid values in the query are ignored", async () => {
  const server = await sharedServer();
  const { text } = await request(server, "pstree");
  const nonsense = "pstree?scope=../etc&pids=yes&charset=ebcdic&compact=&sort=__proto__&x=%00";
  expect(await request(server, nonsense)).toMatchObject({ status: 200, text });
});
