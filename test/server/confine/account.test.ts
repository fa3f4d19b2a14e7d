import { describe, expect, test } from "bun:test";
import { findAccount } from "../../../server/confine/account.ts";

const accounts = {
  passwd: "root:x:0:0:root:/root:/bin/sh\nnobody:x:99:98::/:/bin/false\n7:x:1007:33::/:\n",
  group: "root:x:0:\nnogroup:x:98:\nwww:x:33:\n",
};
const root = { uid: 0, gid: 0 };
const user = { uid: 1000, gid: 1000 };
const none = { user: null, group: null };

test("children of root are nobody, as this machine knows it", () => {
  expect(findAccount(none, root, accounts)).toEqual({
    uid: 99,
    gid: 98,
    user: "nobody",
    group: "nogroup",
    home: "/",
  });
});

test("where there is no nobody, root's children are whom the kernel takes for it", () => {
  const nobody = findAccount(none, root, { passwd: "", group: "" });
  expect(nobody).toEqual({ uid: 65_534, gid: 65_534, user: "65534", group: "65534", home: null });
});

test("children of a user are that user, whether it has a name or not", () => {
  const same = { uid: 1000, gid: 1000, user: "1000", group: "1000", home: null };
  expect(findAccount(none, user, accounts)).toEqual(same);
  expect(findAccount({ user: "1000", group: "1000" }, user, accounts)).toEqual(same);
});

test("a name wins over a number, as a name may be one", () => {
  expect(findAccount({ user: "7", group: null }, root, accounts)).toMatchObject({ uid: 1007 });
  expect(findAccount({ user: "99", group: null }, root, accounts)).toMatchObject({
    user: "nobody",
  });
});

test("a group of one's own choice stands in for the user's", () => {
  expect(findAccount({ user: "root", group: "www" }, root, accounts)).toMatchObject({ gid: 33 });
  expect(findAccount({ user: "5", group: "6" }, root, accounts)).toMatchObject({ uid: 5, gid: 6 });
});

describe("refused is", () => {
  for (const [what, wanted, self, message] of [
    ["a user whom nobody knows", { user: "x", group: null }, root, "no such user"],
    ["a group that nobody knows", { user: null, group: "x" }, root, "no such group"],
    ["a number without a group", { user: "5", group: null }, root, "give --group too"],
    ["another user where we are not root", { user: "root", group: null }, user, "only root may"],
    ["another group where we are not root", { user: null, group: "www" }, user, "only root may"],
  ] as const) {
    test(what, () => expect(() => findAccount(wanted, self, accounts)).toThrow(message));
  }
});
