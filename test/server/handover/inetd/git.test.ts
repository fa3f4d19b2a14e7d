/** `git daemon --inetd` behind `--exec`, with git as its client. */
import { expect, test } from "bun:test";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { startServerWithoutPage } from "../../../harness/server.ts";
import { manualFlags } from "./manual.ts";
import {
  exitCodes,
  giveToOwner,
  makeTree,
  openWorkspace,
  OWNER,
  type Workspace,
} from "./workspace.ts";

const identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"];

/** Commits what is in the clone `folder`. */
async function commit({ must }: Workspace, folder: string, message: string): Promise<void> {
  await must("git", "-C", folder, "add", ".");
  await must("git", "-C", folder, ...identity, "commit", "--quiet", "--message", message);
}

/** Makes a bare repository `git/tree.git` with two commits. */
async function makeRepository(workspace: Workspace): Promise<void> {
  const { path, must } = workspace;
  await must("git", "init", "--quiet", "tree");
  for (const message of ["first", "second"]) {
    makeTree(join(path, "tree"));
    await commit(workspace, "tree", message);
  }
  await must("git", "clone", "--quiet", "--bare", "tree", "git/tree.git");
}

test("clients clone from git daemon at the same time, and cannot push", async () => {
  using workspace = openWorkspace();
  const { path, must, mustFail } = workspace;
  await makeRepository(workspace);
  await must("chmod", "-R", "o+rX", "git");
  const flags = manualFlags("git", null, { "/srv/git": join(path, "git") });
  await using server = await startServerWithoutPage(flags);
  const url = `git://127.0.0.1:${server.port}/tree.git`;
  await Promise.all(["one", "two"].map((clone) => must("git", "clone", "--quiet", url, clone)));
  const log = (clone: string) => must("git", "-C", clone, "log", "--format=%H %s");
  for (const clone of ["one", "two"]) {
    await must("diff", "--recursive", "--exclude=.git", "tree", clone);
    expect(await log(clone)).toBe(await log("tree"));
  }
  expect(await log("one")).toMatch(/^\w+ second\n\w+ first\n$/);
  expect(await must("git", "ls-remote", url, "HEAD")).toStartWith(
    (await log("tree")).split(" ")[0]!,
  );
  expect(await exitCodes(server, 3)).toEqual([0, 0, 0]);
  await mustFail("git", "-C", "one", "push", "--quiet", url, "HEAD:new");
  expect((await exitCodes(server, 4)).at(-1)).not.toBe(0);
});

test("with --user, they push, and git tidies up before the session ends", async () => {
  using workspace = openWorkspace();
  const { path, must } = workspace;
  await makeRepository(workspace);
  // Two packs are one too many, and every push makes one.
  const repository = join(path, "git/tree.git");
  await must("git", "-C", repository, "config", "receive.unpackLimit", "1");
  await must("git", "-C", repository, "config", "gc.autoPackLimit", "1");
  await giveToOwner(workspace, "git");
  const flags = manualFlags("git", "git", { "/srv/git": join(path, "git") });
  await using server = await startServerWithoutPage(flags);
  const url = `git://127.0.0.1:${server.port}/tree.git`;
  for (const message of ["third", "fourth"]) {
    makeTree(join(path, "tree"));
    await commit(workspace, "tree", message);
    await must("git", "-C", "tree", "push", "--quiet", url, "HEAD");
  }
  const head = (await must("git", "-C", "tree", "rev-parse", "HEAD")).trimEnd();
  expect(await must("git", "ls-remote", url, "HEAD")).toStartWith(head);
  await must("git", "clone", "--quiet", url, "clone");
  await must("diff", "--recursive", "--exclude=.git", "tree", "clone");
  expect(await exitCodes(server, 4)).toEqual([0, 0, 0, 0]);
  const packs = readdirSync(join(repository, "objects/pack")).filter((name) =>
    name.endsWith(".pack"),
  );
  expect(packs).toHaveLength(1);
  expect(statSync(join(repository, "objects/pack", packs[0]!)).uid).toBe(OWNER);
});
