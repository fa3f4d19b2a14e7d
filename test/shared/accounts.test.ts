/** Users and groups by name or number, asked of a getent(1) that is not this machine's. */
import { expect, test } from "bun:test";
import { chmodSync, mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accountName, findAccount } from "../../shared/accounts.ts";
import { untilEqual } from "../harness/until.ts";

/**
 * A name service with one user and one group, both of which are in no file; it
 * fails for the user `down`.
 */
function fakeGetent() {
  const directory = mkdtempDisposableSync(join(tmpdir(), "test-getent-"));
  const path = join(directory.path, "getent");
  writeFileSync(
    path,
    `#!/bin/sh
case "$1 $2" in
"passwd ada" | "passwd 424242") echo "ada:*:424242:434343:Ada:/home/ada:/bin/sh" ;;
"group staff" | "group 434343") echo "staff:*:434343:ada" ;;
"passwd down") echo "no server" >&2; exit 1 ;;
*) exit 2 ;;
esac
`,
  );
  chmodSync(path, 0o755);
  return { path, [Symbol.dispose]: () => directory[Symbol.dispose]() };
}

test("a user and a group that are in no file are found by name and by number", () => {
  using getent = fakeGetent();
  const ada = ["ada", "*", "424242", "434343", "Ada", "/home/ada", "/bin/sh"];
  expect(findAccount("passwd", "ada", getent.path)).toEqual(ada);
  expect(findAccount("passwd", "424242", getent.path)).toEqual(ada);
  expect(findAccount("group", "staff", getent.path)).toEqual(["staff", "*", "434343", "ada"]);
  expect(findAccount("passwd", "bob", getent.path)).toBeNull();
});

test("a name service that fails is an error, not an unknown user", () => {
  using getent = fakeGetent();
  expect(() => findAccount("passwd", "down", getent.path)).toThrow("getent passwd down: no server");
});

test("without getent the files are read", () => {
  const missing = "/not/there/getent";
  expect(findAccount("passwd", "root", missing)?.slice(2, 4)).toEqual(["0", "0"]);
  expect(findAccount("group", "0", missing)?.[0]).toBe("root");
  expect(findAccount("passwd", "no-such-user", missing)).toBeNull();
});

test("a name for the page is null until the name service has answered, which nothing waits for", async () => {
  using getent = fakeGetent();
  expect(accountName("passwd", 0, getent.path)).toBe("root");
  expect(accountName("passwd", 424_242, getent.path)).toBeNull();
  await untilEqual(() => accountName("passwd", 424_242, getent.path), "ada");
});
