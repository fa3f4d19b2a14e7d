/**
 * The README's figures, measured: `bun run figures`. Each load is given in turn to brood and to the
 * floor, a server that speaks the same protocol in one process, so that a noisy machine troubles
 * both alike. The load generator runs on the same machine and takes its share of it.
 */
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { timeService } from "../../server/services/time.ts";

const ROOT = join(import.meta.dir, "../..");

/** Paced as clients that come by themselves do, one each 40 ms. */
const PACED_CLIENTS = 200;
const PACE = 40;

const BURST_CLIENTS = 500;
const BURST_WIDTH = 16;

const IDLE_CHILDREN = 100;

await using brood = await startBrood();
using floor = startFloor();
const targets = { brood: brood.port, floor: floor.port };

const paced: Record<string, number[]> = { brood: [], floor: [] };
for (let i = 0; i < PACED_CLIENTS; i += 1) {
  for (const [name, port] of Object.entries(targets)) {
    paced[name]?.push(await firstReply(port));
    await Bun.sleep(PACE);
  }
}

const rates: Record<string, number[]> = { brood: [], floor: [] };
for (let round = 0; round < 5; round += 1) {
  for (const [name, port] of Object.entries(targets)) rates[name]?.push(await burst(port));
}

const masterBefore = memory(brood.pid);
const idle = await openIdle(brood.port, IDLE_CHILDREN);
const children = childrenOf(brood.pid).map(memory);
const masterIdle = memory(brood.pid);
for (const socket of idle) socket.end();

const [cpu] = cpus();
console.log(
  `${cpus().length} × ${cpu?.model ?? "?"}, Bun ${Bun.version}, load generator on the same machine\n`,
);
const rows = [
  ["", "brood", "one process"],
  ["connect → first reply, one client each 40 ms, median", ...both(paced, 0.5, ms)],
  ["the same, 99th percentile", ...both(paced, 0.99, ms)],
  [
    `clients/s, ${BURST_WIDTH} at a time, connect to end, median of 5`,
    ...both(rates, 0.5, perSecond),
  ],
  [
    `private memory of an idle child, median of ${children.length}`,
    mb(median(children.map((c) => c.private))),
    "–",
  ],
  ["proportional memory of an idle child", mb(median(children.map((c) => c.proportional))), "–"],
  ["private memory of the master, alone", mb(masterBefore.private), "–"],
  [`the same with ${IDLE_CHILDREN} children`, mb(masterIdle.private), "–"],
];
for (const [index, row] of rows.entries()) {
  console.log(`| ${row.join(" | ")} |`);
  if (index === 0) console.log("| --- | --- | --- |");
}

async function startBrood() {
  const flags = ["--port", "0", "--dashboard", "off", "--log", "json", "--max-per-source", "1000"];
  const master = Bun.spawn({
    cmd: [process.execPath, join(ROOT, "server/main.ts"), "serve", ...flags],
    stdio: ["ignore", "pipe", "inherit"],
  });
  const listening = Promise.withResolvers<number>();
  void (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of master.stdout) {
      const [, port] = /"listening".*?"port":(\d+)/.exec(decoder.decode(chunk)) ?? [];
      if (port !== undefined) listening.resolve(Number(port));
    }
  })();
  return {
    pid: master.pid,
    port: await listening.promise,
    async [Symbol.asyncDispose]() {
      master.kill();
      await master.exited;
    },
  };
}

/** The same protocol without a process per client: what the process costs is the difference. */
function startFloor() {
  const services = new WeakMap<object, ReturnType<typeof timeService>>();
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open: (socket) =>
        void services.set(
          socket,
          timeService(() => {}),
        ),
      data(socket, bytes) {
        const service = services.get(socket);
        socket.write(service?.receive(bytes.toString("latin1")) ?? "");
        if (service?.quitting === "done") socket.end();
      },
    },
  });
  return { port: listener.port, [Symbol.dispose]: () => listener.stop(true) };
}

/** Milliseconds from connecting to the first byte of the reply to `time`. */
async function firstReply(port: number): Promise<number> {
  const start = performance.now();
  const reply = Promise.withResolvers<number>();
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      open: (opened) => void opened.write("time\r\n"),
      data: () => reply.resolve(performance.now() - start),
      error: (_, error) => reply.reject(error),
    },
  });
  const took = await reply.promise;
  socket.end();
  return took;
}

/** Clients per second; each connects, asks for the time, quits and waits for the end. */
async function burst(port: number): Promise<number> {
  let left = BURST_CLIENTS;
  const start = performance.now();
  const one = () => {
    const ended = Promise.withResolvers<void>();
    void Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        open: (socket) => void socket.write("time\r\nquit\r\n"),
        data() {},
        close: () => ended.resolve(),
        connectError: (_, error) => ended.reject(error),
      },
    });
    return ended.promise;
  };
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await one();
    }
  };
  await Promise.all(Array.from({ length: BURST_WIDTH }, lane));
  return BURST_CLIENTS / ((performance.now() - start) / 1000);
}

async function openIdle(port: number, count: number) {
  const open = async () => {
    const replied = Promise.withResolvers<void>();
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        open: (opened) => void opened.write("time\r\n"),
        data: () => replied.resolve(),
      },
    });
    await replied.promise;
    return socket;
  };
  const sockets = [];
  for (let i = 0; i < count; i += 1) sockets.push(await open());
  return sockets;
}

function childrenOf(pid: number): number[] {
  const { stdout } = Bun.spawnSync(["pgrep", "-P", String(pid)]);
  return stdout.toString().trim().split("\n").map(Number);
}

/** In bytes, as the kernel counts them. */
function memory(pid: number): { private: number; proportional: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const kb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
  return {
    private: (kb("Private_Clean") + kb("Private_Dirty")) * 1024,
    proportional: kb("Pss") * 1024,
  };
}

function both(
  values: Record<string, number[]>,
  quantile: number,
  format: (value: number) => string,
): string[] {
  return ["brood", "floor"].map((name) => format(at(values[name] ?? [], quantile)));
}

function at(values: readonly number[], quantile: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))] ?? Number.NaN;
}

function median(values: readonly number[]): number {
  return at(values, 0.5);
}

function ms(value: number): string {
  return `${value.toFixed(2)} ms`;
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function perSecond(value: number): string {
  return value.toFixed(0);
}
