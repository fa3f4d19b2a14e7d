/** Pausing, resuming and draining the server over the API. */
import { describe, expect, test } from "bun:test";
import { connect } from "../../harness/connect.ts";
import { startServer } from "../../harness/server.ts";
import { connectServed } from "../../harness/served-client.ts";
import { request } from "../request.ts";

const POST = { method: "POST" };

describe("a pause", () => {
  test("makes new clients wait until it is resumed, and leaves live ones alone", async () => {
    await using server = await startServer();
    await using served = await connectServed(server);
    const paused = await request(server, "/api/pause", POST);
    expect([paused.status, JSON.parse(paused.text)]).toEqual([202, { state: "paused" }]);
    expect((await request(server, "/readyz")).status).toBe(503);
    const { by } = await server.event("paused");
    expect(by).toBe("operator at 127.0.0.1");

    await using late = await connect(server.port);
    await late.send("time");
    await served.askTime(); // a whole exchange, during which the late client could have been served, too
    expect(server.events("accepted")).toHaveLength(1);
    const status = JSON.parse((await request(server, "/api/master")).text);
    expect(status).toMatchObject({ state: "paused", until: null, pausedBy: by });

    const resumed = await request(server, "/api/resume", POST);
    expect([resumed.status, JSON.parse(resumed.text)]).toEqual([202, { state: "accepting" }]);
    await late.read(19);
    expect(await server.event("resumed")).toMatchObject({ by });
    expect((await request(server, "/readyz")).status).toBe(200);
  });

  test("twice counts once, and resuming a server that is not paused changes nothing", async () => {
    await using server = await startServer();
    expect((await request(server, "/api/resume", POST)).status).toBe(202);
    await request(server, "/api/pause", POST);
    await request(server, "/api/pause", POST);
    await request(server, "/api/resume", POST);
    await using served = await connectServed(server);
    await served.askTime();
    expect([server.events("paused").length, server.events("resumed").length]).toEqual([1, 1]);
  });

  test("a server that is stopping can be neither paused nor resumed", async () => {
    await using server = await startServer({ drain: "1h" });
    await using served = await connectServed(server);
    server.signal("SIGTERM");
    await server.event("draining");
    for (const path of ["/api/pause", "/api/resume"]) {
      const { status, text } = await request(server, path, POST);
      expect([status, text]).toEqual([503, '{"error":"the server no longer accepts clients"}']);
    }
    await served.quit();
    expect(await server.exited()).toBe(0);
  });
});

describe("a drain", () => {
  test("accepts no new clients, lets live ones finish, and stops the server", async () => {
    await using server = await startServer();
    await using served = await connectServed(server);
    const drained = await request(server, "/api/drain?time=1h", POST);
    expect([drained.status, JSON.parse(drained.text)]).toEqual([202, { state: "draining" }]);
    const { by, ms } = await server.event("drain requested");
    expect([by, ms]).toEqual(["operator at 127.0.0.1", 3_600_000]);
    // A second request does not shorten the drain.
    expect((await request(server, "/api/drain?time=1s", POST)).status).toBe(503);
    await served.askTime();
    expect((await request(server, "/readyz")).text).toBe("draining\n");
    await served.quit();
    expect(await server.exited()).toBe(0);
    expect(server.events("ended")).toMatchObject([{ reason: "quit" }]);
  });

  test("requested twice at the same moment is accepted once", async () => {
    await using server = await startServer();
    await using served = await connectServed(server);
    const asked = ["1h", "2h"].map((time) => request(server, `/api/drain?time=${time}`, POST));
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([202, 503]);
    await server.event("drain requested");
    await served.quit();
    expect(await server.exited()).toBe(0);
  });

  test("ends clients that do not finish in time", async () => {
    await using server = await startServer();
    await using served = await connectServed(server);
    await request(server, "/api/drain?time=1s", POST);
    expect(await server.exited()).toBe(0);
    expect(server.events("ended")).toMatchObject([{ id: served.id, reason: "server stopped" }]);
  });

  test("with an invalid time is refused and changes nothing", async () => {
    await using server = await startServer();
    for (const time of ["", "0s", "10", "-1m", "25h", "1d", "9999999s"]) {
      const { status } = await request(server, `/api/drain?time=${time}`, POST);
      expect([time, status]).toEqual([time, 400]);
    }
    const body = { ...POST, body: '{"time":"5m"}' };
    expect((await request(server, "/api/drain", body)).status).toBe(400);
    await using served = await connectServed(server);
    expect((await request(server, "/readyz")).status).toBe(200);
    await served.askTime();
  });
});
