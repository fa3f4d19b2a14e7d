/**
 * A child that was taken over, or is broken: it has its client on descriptor 3,
 * and a channel to the master.
 */
import { closeSync, writeSync } from "node:fs";
import { createChildChannel } from "../../../../server/channel/child-channel.ts";
import { CHANNEL_FD } from "../../../../server/channel/child-start.ts";
import { reportCrash } from "../../../../server/child/crash.ts";

const MEGABYTE = Buffer.alloc(1 << 20, "x");

const BEHAVIOURS: Record<string, () => void> = {
  "throws an error that nothing catches"() {
    reportCrash(createChildChannel(CHANNEL_FD));
    setTimeout(() => {
      throw new TypeError("a bug");
    });
  },
  "exits before it serves": () => process.exit(7),
  "crashes before it serves": () => process.kill(process.pid, "SIGSEGV"),
  "crashes while it serves"() {
    send({ type: "serving" });
    process.abort();
  },
  "crashes while it is leaving"() {
    send({ type: "serving" });
    send({ type: "leaving", reason: "quit", bytesIn: 0, bytesOut: 0, requests: [], unlisted: 0 });
    process.kill(process.pid, "SIGBUS");
  },
  "sends an unknown message": () =>
    send({ type: "serving", requests: "many", reason: {} }, { type: "report" }),
  "sends a list with holes": () =>
    write(
      Buffer.from('{"type":"report","bytesIn":0,"bytesOut":0,"more":0,"requests":{"length":3}}\n'),
    ),
  "sends a key __proto__": () => write(Buffer.from('{"__proto__":{"type":"serving"}}\n')),
  "sends invalid JSON": () => write(Buffer.from("{ this is not JSON }\n")),
  "sends random bytes": () => write(crypto.getRandomValues(Buffer.alloc(4096))),
  "sends a message in Bun's own serialization"() {
    const message = Buffer.alloc(70, "\n");
    message.writeUInt8(2, 0);
    message.writeUInt32LE(64, 1);
    write(message);
  },
  "sends one message without end"() {
    for (;;) write(MEGABYTE);
  },
  "reports a second failure": () =>
    send({ type: "serving" }, ...[1, 2].map((error) => ({ type: "failed", error: `${error}` }))),
  "has a name with an escape code": () => send(enter("\x1b[2J")),
  "broadcasts invalid JSON": () =>
    send(enter("eve"), { type: "request", what: "broadcast", json: "{" }),
  "leaves processes behind"() {
    send({ type: "serving" });
    for (let i = 0; i < 3; i += 1) Bun.spawn(["sleep", "1000"]);
    process.exit(7);
  },
  "leaves a process behind that holds its channel open"() {
    send({ type: "serving" });
    Bun.spawn(["sleep", "1000"], { stdio: ["ignore", "ignore", "ignore", CHANNEL_FD] });
    process.exit(7);
  },
  "closes its channel"() {
    send({ type: "serving" });
    closeSync(CHANNEL_FD);
    setInterval(() => {}, 1000);
  },
};

function enter(name: string): object {
  return { type: "request", what: "enter", room: "lobby", name };
}

function send(...messages: unknown[]): void {
  for (const message of messages) write(Buffer.from(`${JSON.stringify(message)}\n`));
}

/** Blocks while the master reads nothing. */
function write(bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(CHANNEL_FD, bytes, at);
    } catch {
      process.exit(3); // the master has closed the channel
    }
  }
}

BEHAVIOURS[process.argv[2] ?? ""]?.();
setInterval(() => {}, 1000);
