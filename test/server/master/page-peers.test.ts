/** Which requests count as a child's, by the owners of made-up connections. */
import { expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { createCheckPeer } from "../../../server/master/page-peers.ts";

const CHILD_UID = 5000;
const PORT = 65_080;
const REMOTE = "192.0.2.77";

/** `connections`: the address that each was made to, and who owns it. */
function isFromChild(host: string, connections: Record<string, number>, address: string): boolean {
  const owners = {
    find: (_from: unknown, to: { address: string }) => connections[to.address] ?? null,
    [Symbol.dispose]() {},
  };
  const isChildUid = (uid: number) => uid === CHILD_UID;
  const checkPeer = createCheckPeer(host, isChildUid, owners, "fromChild");
  return checkPeer({ address, port: 40_000 }, PORT) === "fromChild";
}

test("a connection that a child's user owns is a child's, any other user's is not", () => {
  expect(isFromChild("127.0.0.1", { "127.0.0.1": CHILD_UID }, "127.0.0.1")).toBe(true);
  expect(isFromChild("127.0.0.1", { "127.0.0.1": 1000 }, "127.0.0.1")).toBe(false);
});

test("a page on all addresses finds it by whatever address of this machine it was made to", () => {
  for (const host of ["0.0.0.0", "::", "localhost"]) {
    expect(isFromChild(host, { "127.0.0.5": CHILD_UID }, "127.0.0.5")).toBe(true);
    for (const { address } of Object.values(networkInterfaces()).flatMap((list = []) => list)) {
      expect([address, isFromChild(host, { [address]: CHILD_UID }, address)]).toEqual([
        address,
        true,
      ]);
    }
  }
  expect(isFromChild("::", { "::1": CHILD_UID }, "::1")).toBe(true);
});

test("if another user has a connection from the same port to another address, the child's counts", () => {
  const connections = { "127.0.0.1": 1000, "127.0.0.9": CHILD_UID };
  expect(isFromChild("0.0.0.0", connections, "127.0.0.9")).toBe(true);
});

test("a local connection without an owner counts as a child's, one from elsewhere does not", () => {
  expect(isFromChild("127.0.0.1", {}, "127.0.0.1")).toBe(true);
  expect(isFromChild("::", {}, "::1")).toBe(true);
  expect(isFromChild("0.0.0.0", {}, REMOTE)).toBe(false);
});

test("a request whose connection is closed already counts as a child's", () => {
  const owners = { find: () => 1000, [Symbol.dispose]() {} };
  const checkPeer = createCheckPeer("127.0.0.1", () => false, owners, "fromChild");
  expect(checkPeer(null, PORT)).toBe("fromChild");
});
