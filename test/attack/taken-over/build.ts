/** Builds brood with the entry main.ts. */
import { chmodSync, mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT, run } from "../../harness/run.ts";

export interface Build extends Disposable {
  /** The path of the executable, which every user may execute. */
  readonly path: string;
}

export async function buildTakenOver(): Promise<Build> {
  const directory = mkdtempDisposableSync(join(tmpdir(), "test-taken-over-"));
  chmodSync(directory.path, 0o755);
  const path = join(directory.path, "brood");
  const entry = join(import.meta.dir, "main.ts");
  const builder = join(ROOT, "server/cli/build.ts");
  const { exitCode, stderr } = await run([process.execPath, builder, path, entry]);
  if (exitCode !== 0) throw new Error(stderr);
  return { path, [Symbol.dispose]: directory[Symbol.dispose] };
}
