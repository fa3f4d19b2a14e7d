/** `vsftpd` behind `--exec`, with curl as its client. */
import { expect, test } from "bun:test";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startServerWithoutPage } from "../../../harness/server.ts";
import { manualFlags } from "./manual.ts";
import { exitCodes, isRoot, makeTree, openWorkspace, type Workspace } from "./workspace.ts";

/** Serves `files` to everyone, who may upload to `files/drop`. */
async function configure({ path, must }: Workspace): Promise<Record<string, string>> {
  makeTree(join(path, "files"));
  mkdirSync(join(path, "files/drop"));
  mkdirSync(join(path, "empty"));
  await must("chmod", "-R", "o+rX", "files");
  if (isRoot) await must("chown", "ftp", "files/drop"); // the package's user, who has nothing
  const settings = {
    listen: "NO",
    anonymous_enable: "YES",
    anon_root: join(path, "files"),
    secure_chroot_dir: join(path, "empty"),
    write_enable: "YES",
    anon_upload_enable: "YES",
    ...(isRoot ? {} : { run_as_launching_user: "YES" }),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(path, "vsftpd.conf"), lines.join(""));
  return { "/etc/vsftpd.conf": join(path, "vsftpd.conf") };
}

const curl = ["curl", "--silent", "--show-error"];

test("clients list, download and upload in passive mode, and see only their directory", async () => {
  using workspace = openWorkspace();
  const { path, must, mustFail } = workspace;
  const flags = manualFlags("vsftpd", "root", await configure(workspace));
  await using server = await startServerWithoutPage(flags);
  const url = `ftp://127.0.0.1:${server.port}/`;

  expect((await must(...curl, "--list-only", url)).split(/\r?\n/).sort()).toEqual([
    "",
    "below",
    "drop",
    "random",
    "text",
  ]);
  const names = ["random", "text"];
  const downloads = names.map((name) => must(...curl, "--output", name, `${url}${name}`));
  await Promise.all(downloads);
  for (const name of names) await must("cmp", name, `files/${name}`);
  // PASV, not EPSV
  await must(...curl, "--disable-epsv", "--upload-file", "random", `${url}drop/`);
  await must("cmp", "random", "files/drop/random");
  if (isRoot) {
    const owner = Number(await must("id", "--user", "ftp"));
    expect(statSync(join(path, "files/drop/random")).uid).toBe(owner);
    expect(await mustFail(...curl, `${url}/etc/passwd`)).not.toBe("");
  }
  await mustFail(...curl, "--upload-file", "text", url);
  expect(readFileSync(join(path, "files/text"), "latin1")).toBe("one\r\ntwo\n\n");
  // vsftpd fails with status 2 if it sees that its helper has closed their
  // connection before SIGCHLD arrives.
  const sessions = isRoot ? 6 : 5;
  for (const exitCode of await exitCodes(server, sessions)) expect(exitCode).toBeOneOf([0, 2]);
});
