/** `brood tree`: what pstree prints, and the same as JSON. */
import { expect, test } from "bun:test";
import type { TreeJson } from "../../../../shared/api.ts";
import { connectManyServed } from "../../../harness/served-client.ts";
import { run } from "../../../harness/run.ts";
import { startServer } from "../../../harness/server.ts";
import { printed } from "./remote.ts";

test("it prints what pstree does, with the same flags", async () => {
  await using server = await startServer();
  await using _guests = await connectManyServed(server, 3);
  const own = String(server.pid);
  for (const [flags, theirs, env] of [
    [[], ["-lAT", "-s", own], {}],
    [["--pids"], ["-lATp", "-s", own], {}],
    [["--utf8", "--pids"], ["-lUTp", "-s", own], {}],
  ] as const) {
    const { stdout } = await run(["pstree", ...theirs], { env });
    expect(await printed(server, ["tree", ...flags])).toBe(stdout);
  }
  expect(await printed(server, ["tree"])).toEndWith("---server---3*[server]\n");
  // Other processes of the host come and go: only ours can be compared.
  expect(await printed(server, ["tree", "--host", "--pids"])).toContain(`server(${own})`);
});

test("as JSON each process holds its children, and a brood child names its session", async () => {
  await using server = await startServer();
  await using servedClients = await connectManyServed(server, 2);
  let node = JSON.parse(await printed(server, ["tree", "--json"])) as TreeJson;
  while (node.pid !== server.pid) {
    expect([node.id, node.children.length]).toEqual([null, 1]);
    node = node.children[0] as TreeJson;
  }
  const children = servedClients.all.map(({ id, pid }) => ({
    pid,
    name: "server",
    id,
    children: [],
  }));
  expect(node).toEqual({ pid: server.pid, name: "server", id: null, children });
});
