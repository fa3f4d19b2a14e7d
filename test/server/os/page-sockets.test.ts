/** The connections that Bun.serve has accepted, by the kernel. */
import { expect, test } from "bun:test";
import { openPageSockets } from "../../../server/os/page-sockets.ts";
import { connect } from "../../harness/connect.ts";
import { until } from "../../harness/until.ts";

const sockets = openPageSockets();

for (const [listensOn, host] of [
  ["127.0.0.1", "127.0.0.1"],
  ["::1", "::1"],
  ["::", "127.0.0.1"],
] as const) {
  test(`a connection from ${host} to a page on ${listensOn} is listed before its first request, and can be ended`, async () => {
    await using stack = new AsyncDisposableStack();
    const page = Bun.serve({ hostname: listensOn, port: 0, fetch: () => new Response() });
    stack.defer(() => page.stop(true));
    const port = page.port ?? 0;
    expect(sockets.list(port)).toEqual([]);

    const [first, second] = [await connect(port, { host }), await connect(port, { host })];
    stack.use(first);
    stack.use(second);
    await until(() => sockets.list(port).length === 2, "both are accepted");
    const listed = sockets.list(port);
    expect(new Set(listed.map(({ peer }) => peer))).toEqual(
      new Set([first, second].map((client) => ({ address: host, port: client.port }))),
    );

    const fd = listed.find(({ peer }) => peer.port === first.port)?.fd ?? -1;
    sockets.shutDown(fd);
    expect(await first.readToEnd()).toEqual({ text: "", end: "clean" });
    await until(() => sockets.list(port).length === 1, "its descriptor is closed");
    await second.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(await second.readUntil("\r\n")).toStartWith("HTTP/1.1 200");
  });
}

test("all open descriptors are counted", () => {
  const before = sockets.countDescriptors();
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  expect(sockets.countDescriptors()).toBe(before + 1);
  listener.stop();
  expect(sockets.countDescriptors()).toBe(before);
});
