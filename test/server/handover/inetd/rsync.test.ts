/** `rsync --daemon` behind `--exec`, with rsync as its client. */
import { expect, test } from "bun:test";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startServerWithoutPage } from "../../../harness/server.ts";
import { manualFlags } from "./manual.ts";
import {
  exitCodes,
  giveToOwner,
  isRoot,
  makeTree,
  openWorkspace,
  OWNER,
  type Workspace,
} from "./workspace.ts";

/** Makes a module `files` that rsync lets everyone write to. */
function configure({ path }: Workspace): Record<string, string> {
  const lines = ["use chroot = no", "[files]", `path = ${path}/files`, "read only = no"];
  writeFileSync(join(path, "rsyncd.conf"), `${lines.join("\n")}\n`);
  return { "/etc/rsyncd.conf": join(path, "rsyncd.conf") };
}

test("clients download from rsync --daemon at the same time", async () => {
  using workspace = openWorkspace();
  const { path, must } = workspace;
  makeTree(join(path, "files"));
  await must("chmod", "-R", "o+rX", "files");
  const flags = manualFlags("rsync", null, configure(workspace));
  await using server = await startServerWithoutPage(flags);
  const url = `rsync://127.0.0.1:${server.port}/files/`;
  expect(await must("rsync", url)).toContain(" random\n");
  await Promise.all(["one", "two"].map((copy) => must("rsync", "--recursive", url, copy)));
  for (const copy of ["one", "two"]) await must("diff", "--recursive", "files", copy);
  expect(await exitCodes(server, 3)).toEqual([0, 0, 0]);
});

test.if(isRoot)("without --user, they cannot upload even if rsync would let them", async () => {
  using workspace = openWorkspace();
  const { path, must, mustFail } = workspace;
  makeTree(join(path, "files"));
  await must("chmod", "-R", "o+rX", "files");
  const flags = manualFlags("rsync", null, configure(workspace));
  await using server = await startServerWithoutPage(flags);
  writeFileSync(join(path, "new"), "new");
  const url = `rsync://127.0.0.1:${server.port}/files/`;
  expect(await mustFail("rsync", "new", url)).toContain("Permission denied");
  expect(existsSync(join(path, "files/new"))).toBe(false);
  expect(await exitCodes(server, 1)).toEqual([23]);
});

test("with --user, they upload to it, and get back what they sent", async () => {
  using workspace = openWorkspace();
  const { path, must } = workspace;
  makeTree(join(path, "mine"));
  mkdirSync(join(path, "files"));
  await giveToOwner(workspace, "files");
  const flags = manualFlags("rsync", "rsync", configure(workspace));
  await using server = await startServerWithoutPage(flags);
  const url = `rsync://127.0.0.1:${server.port}/files/`;
  await must("rsync", "--recursive", "mine/", url);
  await must("rsync", "--recursive", url, "back");
  await must("diff", "--recursive", "mine", "back");
  expect(statSync(join(path, "files/random")).uid).toBe(OWNER);
  expect(await exitCodes(server, 2)).toEqual([0, 0]);
});
