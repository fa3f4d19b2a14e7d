/** `svnserve --inetd` behind `--exec`, with svn as its client. */
import { expect, test } from "bun:test";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startServerWithoutPage } from "../../../harness/server.ts";
import { manualFlags } from "./manual.ts";
import {
  exitCodes,
  giveToOwner,
  isRoot,
  makeTree,
  openWorkspace,
  type Workspace,
} from "./workspace.ts";

const svn = ["svn", "--non-interactive", "--no-auth-cache"];

/** Makes a repository `svn/tree` with one commit. `access`: lines of svnserve.conf. */
async function makeRepository({ path, must }: Workspace, access: string[]): Promise<void> {
  const repository = join(path, "svn/tree");
  await must("mkdir", "svn");
  await must("svnadmin", "create", repository);
  makeTree(join(path, "tree"));
  await must(...svn, "import", "tree", `file://${repository}`, "--message", "first");
  writeFileSync(join(repository, "conf/svnserve.conf"), `[general]\n${access.join("\n")}\n`);
  writeFileSync(join(repository, "conf/passwd"), "[users]\nann = secret\n");
}

test("clients check out from svnserve at the same time", async () => {
  using workspace = openWorkspace();
  const { path, must } = workspace;
  await makeRepository(workspace, ["anon-access = read"]);
  await must("chmod", "-R", "o+rX", "svn");
  const flags = manualFlags("svnserve", null, { "/srv/svn": join(path, "svn") });
  await using server = await startServerWithoutPage(flags);
  const url = `svn://127.0.0.1:${server.port}/tree`;
  await Promise.all(["one", "two"].map((copy) => must(...svn, "checkout", url, copy)));
  for (const copy of ["one", "two"]) {
    await must("diff", "--recursive", "--exclude=.svn", "tree", copy);
  }
  expect(await exitCodes(server, 2)).toEqual([0, 0]);
});

test.if(isRoot)("without --user, they cannot commit even if svnserve would let them", async () => {
  using workspace = openWorkspace();
  const { path, must, mustFail } = workspace;
  await makeRepository(workspace, ["anon-access = write"]);
  await must("chmod", "-R", "o+rX", "svn");
  const flags = manualFlags("svnserve", null, { "/srv/svn": join(path, "svn") });
  await using server = await startServerWithoutPage(flags);
  const url = `svn://127.0.0.1:${server.port}/tree`;
  const error = await mustFail(...svn, "mkdir", `${url}/new`, "--message", "second");
  expect(error).toContain("Permission denied");
  expect(await must(...svn, "list", `file://${path}/svn/tree`)).not.toContain("new");
  expect(await exitCodes(server, 1)).toEqual([0]);
});

test("with --user, they commit with a password, and others get what they have committed", async () => {
  using workspace = openWorkspace();
  const { path, must } = workspace;
  await makeRepository(workspace, ["anon-access = none", "password-db = passwd"]);
  await giveToOwner(workspace, "svn");
  const flags = manualFlags("svnserve", "svn", { "/srv/svn": join(path, "svn") });
  await using server = await startServerWithoutPage(flags);
  const url = `svn://127.0.0.1:${server.port}/tree`;
  const asAnn = [...svn, "--username", "ann", "--password", "secret"];
  await must(...asAnn, "checkout", url, "one");
  cpSync(join(path, "tree"), join(path, "one/new"), { recursive: true });
  await must(...svn, "add", "one/new");
  await must(...asAnn, "commit", "one", "--message", "second");
  await must(...asAnn, "checkout", url, "two");
  await must("diff", "--recursive", "--exclude=.svn", "one", "two");
  await must("diff", "--recursive", "tree", "two/new");
  expect(await exitCodes(server, 3)).toEqual([0, 0, 0]);
});
