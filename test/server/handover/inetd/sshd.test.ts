/** `sshd -i` behind `--exec`, with ssh as its client. */
import { expect, test } from "bun:test";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EXECUTABLE, run } from "../../../harness/run.ts";
import { startServerWithoutPage } from "../../../harness/server.ts";
import { manualFlags } from "./manual.ts";
import { exitCodes, isRoot, openWorkspace, type Workspace } from "./workspace.ts";

/** The user who logs in: one who exists for this server alone, or that of the tests. */
const LOGIN = isRoot
  ? { name: "guest", uid: 64_126 }
  : { name: (await run(["id", "-un"])).stdout.trimEnd(), uid: process.getuid?.() ?? 0 };

/** Makes the keys of the host and the client, and what else sshd needs. */
async function configure({ path, must }: Workspace): Promise<Record<string, string>> {
  for (const name of ["host", "client"]) {
    await must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", name);
  }
  const settings = [
    `HostKey ${path}/host`,
    `AuthorizedKeysFile ${path}/client.pub`,
    "StrictModes no",
    "UsePAM no",
    "PidFile none",
  ];
  writeFileSync(join(path, "sshd_config"), `${settings.join("\n")}\n`);
  mkdirSync(join(path, "home"));
  if (isRoot) {
    await must("chown", String(LOGIN.uid), "home");
    const account = `${LOGIN.name}:x:${LOGIN.uid}:${LOGIN.uid}::${path}/home:/bin/sh\n`;
    writeFileSync(join(path, "passwd"), readFileSync("/etc/passwd", "latin1") + account);
    mkdirSync("/run/sshd", { recursive: true, mode: 0o755 }); // as sshd's own service does
  }
  return { "sshd -i": `sshd -i -f ${path}/sshd_config` };
}

/**
 * Runs brood on a machine that has the user: with a passwd(5) of its own in
 * a private mount namespace.
 */
function withAccount({ path }: Workspace): { program?: string[] } {
  if (!isRoot) return {};
  const script = 'mount --bind "$0" /etc/passwd && exec "$@"';
  return { program: ["unshare", "--mount", "sh", "-c", script, `${path}/passwd`, EXECUTABLE] };
}

test("users log in, and get a command's output and exit status", async () => {
  using workspace = openWorkspace();
  const { path } = workspace;
  const flags = manualFlags("sshd", "root", await configure(workspace));
  await using server = await startServerWithoutPage(flags, withAccount(workspace));
  const options =
    `-q -F none -i ${path}/client -p ${server.port} -o BatchMode=yes ` +
    "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null";
  const ssh = (command: string, stdin = "") =>
    run(["ssh", ...options.split(" "), `${LOGIN.name}@127.0.0.1`, command], { stdin });

  const [who, upload] = await Promise.all([
    ssh("echo $(id -u) served by $(ps -o comm= -p $PPID); echo no good >&2; exit 7"),
    ssh(`cat >${path}/home/upload; wc -c <${path}/home/upload`, "bytes\0".repeat(100_000)),
  ]);
  expect(who).toEqual({
    stdout: `${LOGIN.uid} served by sshd\n`,
    stderr: "no good\n",
    exitCode: 7,
  });
  expect(upload).toEqual({ stdout: "600000\n", stderr: "", exitCode: 0 });
  expect(readFileSync(join(path, "home/upload"), "latin1")).toBe("bytes\0".repeat(100_000));
  expect(statSync(join(path, "home/upload")).uid).toBe(LOGIN.uid);

  // sshd ends with 255 whenever its client has said goodbye.
  expect(await exitCodes(server, 2)).toEqual([255, 255]);
  const accepted = server
    .events("printed")
    .filter(({ text }) => text.startsWith(`Accepted publickey for ${LOGIN.name} `));
  expect(accepted).toHaveLength(2);
});
