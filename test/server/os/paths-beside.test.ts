import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathsBeside } from "../../../server/os/paths-beside.ts";

const directory = realpathSync(mkdtempSync(join(tmpdir(), "brood-test-beside-")));
afterAll(() => rmSync(directory, { recursive: true }));
mkdirSync(join(directory, "a/secret"), { recursive: true });
mkdirSync(join(directory, "a/open"));
mkdirSync(join(directory, "b"));
writeFileSync(join(directory, "file"), "");
symlinkSync(join(directory, "a/secret"), join(directory, "link"));

/** Those in our directory, relative to it. */
const inside = (paths: readonly string[]) =>
  paths
    .filter((path) => path.startsWith(`${directory}/`))
    .map((path) => path.slice(directory.length + 1))
    .sort();

describe("the paths beside", () => {
  const secret = join(directory, "a/secret");

  test("a directory are its siblings, and those of every directory above it", () => {
    const { paths, ancestors } = pathsBeside([secret]);
    expect(inside(paths)).toEqual(["a/open", "b", "file"]);
    expect(paths).toContain("/proc");
    expect(paths).not.toContain(directory);
    expect(ancestors).toContain("/");
    expect(ancestors.slice(-3)).toEqual([dirname(directory), directory, join(directory, "a")]);
  });

  test("several", () => {
    expect(inside(pathsBeside([secret, join(directory, "b")]).paths)).toEqual(["a/open", "file"]);
    expect(inside(pathsBeside([secret, join(directory, "a")]).paths)).toEqual(["b", "file"]);
  });

  test("a link are those beside what it leads to", () => {
    expect(pathsBeside([join(directory, "link")])).toEqual(pathsBeside([secret]));
    expect(inside(pathsBeside([join(directory, "link/below")]).paths)).toEqual([
      "a/open",
      "b",
      "file",
    ]);
  });

  test("a link are not other links on the way", () => {
    const links = join(directory, "links");
    mkdirSync(links);
    symlinkSync("../link", join(links, "first"));
    const { paths, ancestors } = pathsBeside([join(links, "first/below")]);
    expect(inside(paths)).toEqual(["a/open", "b", "file"]);
    expect(ancestors).toContain(links);
    rmSync(links, { recursive: true });
  });

  test("a loop of links are those beside it", () => {
    symlinkSync("loop", join(directory, "b/loop"));
    expect(inside(pathsBeside([join(directory, "b/loop")]).paths)).toEqual(["a", "file"]);
    rmSync(join(directory, "b/loop"));
  });

  test("a directory, within others, are those in them", () => {
    const within = (...paths: string[]) =>
      inside(
        pathsBeside(
          [secret],
          paths.map((path) => join(directory, path)),
        ).paths,
      );
    expect(within("a", "b")).toEqual(["a/open", "b"]);
    expect(within("a/secret", "a/secret/below", "link")).toEqual([]);
    expect(within("file")).toEqual(["file"]);
    expect(pathsBeside([], [secret]).paths).toEqual([secret]);
  });

  test("what does not exist yet leave no room for it", () => {
    expect(inside(pathsBeside([join(directory, "b/later/file")]).paths)).toEqual(["a", "file"]);
  });

  test("everything are none", () => {
    expect(pathsBeside(["/"]).paths).toEqual([]);
  });

  test("nothing are everything", () => {
    expect(pathsBeside([])).toEqual({ paths: ["/"], ancestors: [] });
  });

  test("a directory are not those by which a bind mount leads into it", async () => {
    const isRoot = process.getuid?.() === 0;
    const modulePath = join(import.meta.dir, "../../../server/os/paths-beside.ts");
    const script = `
      import { pathsBeside } from ${JSON.stringify(modulePath)};
      console.log(JSON.stringify(pathsBeside([${JSON.stringify(secret)}]).paths));`;
    const mount = 'mount --bind "$1/a" "$1/b" && shift && exec "$@"';
    const child = Bun.spawn([
      "unshare",
      ...(isRoot ? [] : ["--map-root-user"]),
      "--mount",
      "sh",
      "-c",
      mount,
      "sh",
      directory,
      process.execPath,
      "-e",
      script,
    ]);
    const paths = JSON.parse(await new Response(child.stdout).text()) as string[];
    expect(inside(paths)).toEqual(["a/open", "b/open", "file"]);
  });
});
