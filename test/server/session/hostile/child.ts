/** A child that was taken over, or is broken: it has its client on descriptor 3, and a way to the master. */
import { writeSync } from "node:fs";
import { errorCode } from "../../../../shared/error-code.ts";

/** The way to the master, past what Bun would let a program say: the next one after the client. */
const MASTER = 4;

const MEGABYTE = Buffer.alloc(1 << 20, "x");

const DEEDS: Record<string, () => void> = {
  "exits before it serves": () => process.exit(7),
  "crashes before it serves": () => process.kill(process.pid, "SIGSEGV"),
  "crashes while it serves"() {
    tell({ type: "serving" });
    process.abort();
  },
  "crashes while it takes leave"() {
    tell({ type: "serving" });
    tell({ type: "leaving", reason: "quit", bytesIn: 0, bytesOut: 0, requests: [], more: 0 });
    process.kill(process.pid, "SIGBUS");
  },
  "says what is no message": () =>
    tell({ type: "serving", requests: "many", reason: {} }, { type: "report" }),
  "says a list with holes": () =>
    write(
      Buffer.from('{"type":"report","bytesIn":0,"bytesOut":0,"more":0,"requests":{"length":3}}\n'),
    ),
  "says its name is __proto__": () => write(Buffer.from('{"__proto__":{"type":"serving"}}\n')),
  "sends what is no JSON": () => write(Buffer.from("{ this is not JSON }\n")),
  "sends bytes at random": () => write(crypto.getRandomValues(Buffer.alloc(4096))),
  "sends Bun's own form of a message"() {
    const message = Buffer.alloc(70, "\n");
    message.writeUInt8(2, 0);
    message.writeUInt32LE(64, 1);
    write(message);
  },
  "sends one message without an end"() {
    for (;;) write(MEGABYTE);
  },
  "sends messages without an end"() {
    const many = Buffer.from(`${JSON.stringify({ type: "serving" })}\n`.repeat(10_000));
    for (;;) write(many);
  },
  "has dealt with what it was not told": () =>
    tell({ type: "serving" }, who(null), { type: "heard", mark: 1 }),
  "asks on without reading the answers"() {
    tell({ type: "serving" });
    for (;;) {
      tell(who(null));
      Bun.sleepSync(10); // so few that their number is no offence
    }
  },
  "fails once more": () =>
    tell({ type: "serving" }, ...[1, 2].map((error) => ({ type: "failed", error: `${error}` }))),
  "has a name with an escape code": () => tell(enter("\x1b[2J")),
  "broadcasts what is no JSON"() {
    process.once("message", ({ mark }: { mark: number }) =>
      tell({ type: "ask", after: mark, what: "broadcast", json: "{" }),
    );
    tell(enter("eve"));
  },
  "leaves processes behind"() {
    tell({ type: "serving" });
    for (let i = 0; i < 3; i += 1) Bun.spawn(["sleep", "1000"]);
    process.exit(7);
  },
  "leaves one behind that holds its way to the master"() {
    tell({ type: "serving" });
    Bun.spawn(["sleep", "1000"], { stdio: ["ignore", "ignore", "ignore", MASTER] });
    process.exit(7);
  },
  "closes its way to the master"() {
    tell({ type: "serving" });
    process.disconnect?.();
    setInterval(() => {}, 1000);
  },
};

function enter(name: string): object {
  return { type: "ask", after: null, what: "enter", room: "lobby", name };
}

function who(after: number | null): object {
  return { type: "ask", after, what: "who", room: "lobby" };
}

function tell(...messages: unknown[]): void {
  for (const message of messages) write(Buffer.from(`${JSON.stringify(message)}\n`));
}

function write(bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(MASTER, bytes, at);
    } catch (error) {
      if (errorCode(error) !== "EAGAIN") process.exit(3);
      Bun.sleepSync(1);
    }
  }
}

DEEDS[process.argv[2] ?? ""]?.();
setInterval(() => {}, 1000);
