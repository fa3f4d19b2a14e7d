import { describe, expect, test } from "bun:test";
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ProgramPlace } from "../../../server/handover/program-place.ts";
import { run } from "../../harness/run.ts";

const MODULE = join(import.meta.dir, "../../../server/handover/program-place.ts");

/** As root, in a namespace where `setup` has changed what is mounted. */
async function placeAfter(setup: string, isNative: boolean): Promise<ProgramPlace> {
  using folder = mkdtempDisposableSync(join(tmpdir(), "test-place-"));
  const script = `
    import { makeProgramDirectory } from ${JSON.stringify(MODULE)};
    import { rmdirSync } from "node:fs";
    const place = makeProgramDirectory(${isNative});
    console.log(JSON.stringify(place));
    rmdirSync(place.directory);`;
  const mounted = `${setup} && exec "$@"`;
  const cmd = ["unshare", "--mount", "sh", "-c", mounted, "sh", process.execPath, "-e", script];
  const { stdout, stderr } = await run(cmd, { env: { TMPDIR: folder.path } });
  expect(stderr).toBe("");
  const place = JSON.parse(stdout) as ProgramPlace;
  return { ...place, directory: dirname(place.directory) };
}

describe.if(process.getuid?.() === 0)("root's program is", () => {
  const mount = (options: string, path: string) => `mount -t tmpfs -o ${options} tmpfs ${path}`;

  test("in /run, whether or not programs in it can be executed", async () => {
    expect(await placeAfter(mount("noexec,mode=755", "/run"), false)).toEqual({
      directory: "/run",
      exposure: null,
    });
  });

  test("where libraries can be loaded from, if it has any", async () => {
    expect(await placeAfter(mount("noexec,mode=755", "/run"), true)).toEqual({
      directory: "/var/cache",
      exposure: null,
    });
  });

  test("not where others can write, nor where root cannot", async () => {
    const open = mount("mode=775", "/run");
    expect((await placeAfter(open, false)).directory).toBe("/var/cache");
    const readOnly = mount("ro,mode=755", "/run");
    expect((await placeAfter(readOnly, false)).directory).toBe("/var/cache");
  });

  test("among the temporary files if there is no other place", async () => {
    const both = `${mount("ro", "/run")} && ${mount("mode=1777", "/var/cache")}`;
    expect(await placeAfter(both, false)).toMatchObject({
      exposure: `other users can write to ${tmpdir()}`,
    });
  });

  test("in TMPDIR if only root can write there and above", async () => {
    const setup = `${mount("mode=755", "/run")} && mkdir /run/own && export TMPDIR=/run/own`;
    expect(await placeAfter(setup, false)).toEqual({ directory: "/run/own", exposure: null });
  });
});
