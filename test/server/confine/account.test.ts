import { describe, expect, test } from "bun:test";
import { resolveAccount } from "../../../server/confine/account.ts";
import { type FindAccount, findAccountIn } from "../../../shared/accounts.ts";

const files = {
  passwd: "root:x:0:0:root:/root:/bin/sh\nnobody:x:99:98::/:/bin/false\n7:x:1007:33::/:\n",
  group: "root:x:0:\nnogroup:x:98:\nwww:x:33:\n",
};
const accounts: FindAccount = (database, key) => findAccountIn(files[database], key);
const root = { uid: 0, gid: 0 };
const user = { uid: 1000, gid: 1000 };
const none = { user: null, group: null };

test("children of root run as nobody, with the IDs that it has on this machine", () => {
  expect(resolveAccount(none, root, accounts)).toEqual({
    uid: 99,
    gid: 98,
    user: "nobody",
    group: "nogroup",
    home: "/",
  });
});

test("without a user nobody, root's children have the kernel's overflow IDs", () => {
  const nobody = resolveAccount(none, root, () => null);
  expect(nobody).toEqual({ uid: 65_534, gid: 65_534, user: "65534", group: "65534", home: null });
});

test("children of a user run as that user, whether it has a name or not", () => {
  const same = { uid: 1000, gid: 1000, user: "1000", group: "1000", home: null };
  expect(resolveAccount(none, user, accounts)).toEqual(same);
  expect(resolveAccount({ user: "1000", group: "1000" }, user, accounts)).toEqual(same);
});

test("digits are an ID, as for getent(1), even if a user has such a name", () => {
  expect(resolveAccount({ user: "7", group: "33" }, root, accounts)).toMatchObject({ uid: 7 });
  expect(resolveAccount({ user: "99", group: null }, root, accounts)).toMatchObject({
    user: "nobody",
  });
});

test("a group that is asked for replaces the user's own", () => {
  expect(resolveAccount({ user: "root", group: "www" }, root, accounts)).toMatchObject({ gid: 33 });
  expect(resolveAccount({ user: "5", group: "6" }, root, accounts)).toMatchObject({
    uid: 5,
    gid: 6,
  });
});

describe("it is an error to ask for", () => {
  for (const [what, wanted, self, message] of [
    ["an unknown user", { user: "x", group: null }, root, "no such user"],
    ["an unknown group", { user: null, group: "x" }, root, "no such group"],
    ["a number without a group", { user: "5", group: null }, root, "give --group too"],
    ["another user where we are not root", { user: "root", group: null }, user, "only root can"],
    ["another group where we are not root", { user: null, group: "www" }, user, "only root can"],
  ] as const) {
    test(what, () => expect(() => resolveAccount(wanted, self, accounts)).toThrow(message));
  }
});
