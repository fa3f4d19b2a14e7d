/** Why each client has its own process: when one is killed, no other client loses a byte. */
import { expect, test } from "bun:test";
import { connect } from "../../harness/connect.ts";
import { startServerWithoutPage } from "../../harness/server.ts";
import { openStream, type Stream } from "../../harness/stream.ts";
import { random, seedOfTest } from "../../soak/random.ts";

const CLIENTS = 8;
const BYTES = 20_000_000;

const SEED = seedOfTest();

for (const spares of [0, CLIENTS]) {
  test(`of ${CLIENTS} streams only the one whose child is killed breaks, with ${spares} spares (seed ${SEED})`, async () => {
    await using server = await startServerWithoutPage({
      service: "echo",
      maxClients: CLIENTS,
      spares,
    });
    await using open = new AsyncDisposableStack();
    const others: Stream[] = [];
    for (let client = 0; client < CLIENTS; client += 1) {
      others.push(open.use(await openStream(server.port, SEED + client, BYTES)));
    }
    const refused = { text: "too many clients\r\n", end: "clean" } as const;
    await using ninth = await connect(server.port);
    expect(await ninth.readToEnd()).toEqual(refused);

    // All clients stream, and one client's child is killed early in its stream.
    const chance = random(SEED, spares);
    const [victim] = others.splice(chance.below(CLIENTS), 1) as [Stream];
    const { pid } = await server.event("serving", ({ remotePort }) => remotePort === victim.port);
    const moment = chance.between(1, BYTES / 4);
    const reached = victim.reach(moment);
    for (const stream of [victim, ...others]) stream.begin();
    await reached;
    process.kill(pid, "SIGKILL");

    // Its connection ends. What arrived until then is intact; the rest never arrives.
    const { intact, fault } = await victim.done;
    expect(fault).toBeOneOf(["clean", "reset"]);
    expect(intact).toBeWithin(moment, BYTES);

    // Its slot is free at once, and no other is.
    const ended = await server.event("ended", (event) => event.pid === pid);
    expect(ended).toMatchObject({ reason: "killed by signal", signal: "SIGKILL" });
    await using next = await connect(server.port);
    await next.send("hello");
    expect(await next.read(5)).toBe("hello");
    await using another = await connect(server.port);
    expect(await another.readToEnd()).toEqual(refused);

    // The other seven clients get all of their bytes.
    for (const other of others) {
      expect(await other.done).toEqual({ intact: BYTES, fault: null });
    }
    expect(server.events("ended")).toEqual([ended]);
  });
}
