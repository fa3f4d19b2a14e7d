/**
 * The executable that most tests run: the same program as the source, and it starts in
 * a third of the time. `test/run.ts` builds it before the tests; `bun test FILE` does
 * so when it first needs it.
 */
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

const ROOT = join(import.meta.dir, "../..");

/** One directory per state of the source, so that an outdated executable is never tested. */
const DIRECTORY = join(ROOT, "dist/test");

/** What goes into the executable. */
const SOURCES = ["{server,dashboard,shared}/**/*", "package.json", "package-lock.json"];

/** An executable unused for this long is deleted: no run takes as long. */
const MAX_AGE_MS = 3_600_000;

/** Under this name the path is passed to the processes that run the tests. */
const PATH_VARIABLE = "BROOD_TEST_EXECUTABLE";

/**
 * Returns the path of the executable built from the source as it is now. Builds it unless that has
 * been done; if two processes do so at once, the later one replaces the file of the first.
 * @throws if the build fails or prints an error.
 */
export async function builtExecutable(): Promise<string> {
  const prebuilt = process.env[PATH_VARIABLE];
  if (prebuilt !== undefined) return prebuilt;
  const path = join(DIRECTORY, await fingerprint(), "brood");
  if (!(await Bun.file(path).exists())) {
    deleteOutdated();
    await build(path);
  }
  process.env[PATH_VARIABLE] = path;
  return path;
}

/** A hash of the source and of the Bun that it is built with. */
async function fingerprint(): Promise<string> {
  const files = SOURCES.flatMap((glob) => [...new Bun.Glob(glob).scanSync(ROOT)]).sort();
  const hash = new Bun.CryptoHasher("sha256").update(Bun.revision);
  for (const file of files) {
    hash.update(`\0${file}\0`).update(await Bun.file(join(ROOT, file)).bytes());
  }
  return hash.digest("hex").slice(0, 16);
}

/** Builds next to `path` and renames, so that there is never half an executable at `path`. */
async function build(path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const scratch = mkdtempSync(join(DIRECTORY, "build-"));
  try {
    const file = join(scratch, "brood");
    const { exitCode, stderr } = Bun.spawnSync({
      cmd: [process.execPath, join(ROOT, "server/cli/build.ts"), file],
      stderr: "pipe",
    });
    const errors = stderr.toString();
    if (exitCode !== 0 || errors !== "") {
      throw new Error(`npm run build: exit status ${exitCode}\n${errors}`);
    }
    renameSync(file, path);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function deleteOutdated(): void {
  mkdirSync(DIRECTORY, { recursive: true });
  for (const name of readdirSync(DIRECTORY)) {
    const path = join(DIRECTORY, name);
    // Other tests that start now delete them, too.
    const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
    if (mtimeMs < Date.now() - MAX_AGE_MS) rmSync(path, { recursive: true, force: true });
  }
}
