/** The owner of the other end of a connection, by the kernel. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Endpoint } from "../../../shared/access.ts";
import { openSocketOwners, type SocketOwners } from "../../../server/os/socket-owner.ts";
import { AS_ORDINARY_USER, ORDINARY_UID } from "../../harness/ordinary-user.ts";
import { until } from "../../harness/until.ts";

let owners: SocketOwners;

beforeAll(() => {
  owners = openSocketOwners();
});
afterAll(() => owners[Symbol.dispose]());

/** A listener that collects the connections it accepts. */
function listenOn(hostname: string) {
  const accepted: Bun.Socket[] = [];
  const socket = { open: (one: Bun.Socket) => void accepted.push(one), data() {} };
  const listener = Bun.listen({ hostname, port: 0, socket });
  return { accepted, port: listener.port, [Symbol.dispose]: () => listener.stop(true) };
}

async function connectTo(hostname: string, port: number): Promise<Bun.Socket> {
  return Bun.connect({ hostname, port, socket: { data() {} } });
}

function ends({ localAddress, localPort }: Bun.Socket, port: number): [Endpoint, Endpoint] {
  return [
    { address: localAddress, port: localPort },
    { address: localAddress, port },
  ];
}

for (const [host, listensOn] of [
  ["127.0.0.1", "127.0.0.1"],
  ["127.0.0.1", "0.0.0.0"],
  ["127.0.0.1", "::"],
  ["::1", "::1"],
  ["::1", "::"],
] as const) {
  test(`both ends of a connection to ${host} are ours, if ${listensOn} is listened on`, async () => {
    using listener = listenOn(listensOn);
    const client = await connectTo(host, listener.port);
    const [from, to] = ends(client, listener.port);
    const uid = process.getuid?.() ?? Number.NaN;
    expect(owners.find(from, to)).toBe(uid);
    await until(() => listener.accepted.length === 1, "the connection is accepted");
    expect(owners.find(to, from)).toBe(uid);
    client.end();
  });
}

test("a connection of another user's is that user's", async () => {
  using listener = listenOn("127.0.0.1");
  const script = `exec 5<>/dev/tcp/127.0.0.1/${listener.port}; cat <&5`;
  await using child = Bun.spawn([...AS_ORDINARY_USER, "bash", "-c", script]);
  await until(() => listener.accepted.length === 1, "the connection is accepted");
  const [accepted] = listener.accepted;
  if (accepted === undefined) throw new Error("there is no connection");
  const from = { address: accepted.remoteAddress, port: accepted.remotePort };
  const expected = AS_ORDINARY_USER.length > 0 ? ORDINARY_UID : (process.getuid?.() ?? -1);
  expect(owners.find(from, { address: "127.0.0.1", port: listener.port })).toBe(expected);
  child.kill();
  await child.exited;
});

test("a connection that has been closed, one that never was, and a listening socket have no owner", async () => {
  using listener = listenOn("127.0.0.1");
  const client = await connectTo("127.0.0.1", listener.port);
  const [from, to] = ends(client, listener.port);
  client.terminate();
  await until(() => owners.find(from, to) === null, "the owner is gone");
  expect(owners.find({ ...from, port: 1 }, to)).toBeNull();
  expect(owners.find(to, { ...from, port: 1 })).toBeNull();
});
