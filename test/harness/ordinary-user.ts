/** A user without any of root's privileges, for servers that must do without them. */
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXECUTABLE } from "./run.ts";

/** A user ID that nobody has, and thus without other processes. */
export const ORDINARY_UID = 64_124;

/**
 * The command that runs another as that user; empty if the tests
 * themselves run as an ordinary user.
 */
export const AS_ORDINARY_USER: readonly string[] =
  process.getuid?.() === 0
    ? [
        "setpriv",
        `--reuid=${ORDINARY_UID}`,
        `--regid=${ORDINARY_UID}`,
        "--clear-groups",
        "--inh-caps=-all",
        "--ambient-caps=-all",
      ]
    : [];

let copy: string | undefined;

/** Returns the path of brood where that user can reach it: a copy if the checkout is root's own. */
export function executableForOrdinaryUser(): string {
  const test = [...AS_ORDINARY_USER, "test", "-x", EXECUTABLE];
  if (Bun.spawnSync(test).success) return EXECUTABLE;
  if (copy === undefined) {
    const directory = mkdtempSync(join(tmpdir(), "test-executable-"));
    chmodSync(directory, 0o755);
    copy = join(directory, "brood");
    copyFileSync(EXECUTABLE, copy);
    chmodSync(copy, 0o755);
    process.on("exit", () => rmSync(directory, { recursive: true }));
  }
  return copy;
}
