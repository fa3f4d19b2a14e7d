/**
 * What the tests of programs for inetd share: a directory, the users who own what is in
 * it, and how sessions end.
 */
import { expect } from "bun:test";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../harness/run.ts";
import type { Server } from "../../../harness/server.ts";
import { until } from "../../../harness/until.ts";

export const isRoot = process.getuid?.() === 0;

/**
 * The user who owns the files that clients may change: a user ID that nobody
 * has, or that of the tests.
 */
export const OWNER = isRoot ? 64_125 : (process.getuid?.() ?? 0);

export interface Workspace extends Disposable {
  readonly path: string;
  /**
   * Runs a command that must succeed, here and with this as the home
   * directory. Returns what it prints.
   */
  must(...cmd: string[]): Promise<string>;
  /** Does the same with a command that must fail, and returns its error output. */
  mustFail(...cmd: string[]): Promise<string>;
}

/** Makes a directory that every user can enter. */
export function openWorkspace(): Workspace {
  const path = mkdtempSync(join(tmpdir(), "brood-inetd-"));
  chmodSync(path, 0o755);
  const start = (cmd: readonly string[]) =>
    run(cmd, { cwd: path, env: { HOME: path, RSYNC_PROXY: "", no_proxy: "*" } });
  return {
    path,
    async must(...cmd) {
      const { stdout, stderr, exitCode } = await start(cmd);
      if (exitCode !== 0) throw new Error(`${cmd.join(" ")}: ${stderr}${stdout}`);
      return stdout;
    },
    async mustFail(...cmd) {
      const { stdout, stderr, exitCode } = await start(cmd);
      if (exitCode === 0) throw new Error(`${cmd.join(" ")} did not fail: ${stdout}`);
      return stderr;
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true }),
  };
}

/**
 * Makes a directory with a text, a larger file that no one can guess, and an empty one
 * in a directory of its own.
 */
export function makeTree(path: string): void {
  mkdirSync(join(path, "below"), { recursive: true });
  writeFileSync(join(path, "text"), "one\r\ntwo\n\n");
  writeFileSync(join(path, "random"), randomBytes(1_000_003));
  writeFileSync(join(path, "below/empty"), "");
}

/** Gives everything below `path` to OWNER, and to no one else. */
export async function giveToOwner({ must }: Workspace, path: string): Promise<void> {
  if (isRoot) await must("chown", "-R", `${OWNER}:${OWNER}`, path);
  await must("chmod", "-R", "go=", path);
}

/**
 * Waits until that many sessions have ended. Returns their exit statuses in that order.
 * Fails unless each ended by itself and left no process behind.
 */
export async function exitCodes(server: Server, sessions: number): Promise<(number | null)[]> {
  const ended = () => server.events("ended");
  await until(
    () => ended().length >= sessions,
    () => `${sessions} sessions end; ${ended().length} have`,
  );
  for (const { reason, signal, leftovers } of ended()) {
    expect({ reason, signal, leftovers }).toEqual({
      reason: expect.stringMatching(/^program (ended|failed)$/),
      signal: null,
      leftovers: 0,
    });
  }
  expect(server.events("warning")).toEqual([]);
  expect(server.events("accepted")).toHaveLength(sessions);
  return ended().map(({ exitCode }) => exitCode);
}
