/**
 * A service whose client has taken over its child, and abuses the child's channel to the master.
 * Each attack runs without returning to the event loop, so meanwhile the child reads nothing.
 */
import { openSync, writeSync } from "node:fs";
import { service } from "brood";
import { errorCode } from "../../../shared/error-code.ts";
import { CHANNEL_FD } from "../../../server/channel/child-start.ts";
import { openDescriptorPassing } from "../../../server/os/descriptor-passing.ts";

const SERVING = '{"type":"serving"}\n';

/** Writes raw bytes to the channel, until a time of `performance.now`; returns how many it took. */
function writeAll(bytes: Buffer, untilMs: number): number {
  let at = 0;
  while (at < bytes.length && performance.now() < untilMs) {
    try {
      at += writeSync(CHANNEL_FD, bytes, at);
    } catch (error) {
      if (errorCode(error) !== "EAGAIN") throw error;
      Bun.sleepSync(1);
    }
  }
  return at;
}

/** Writes the same bytes over and over for this long; returns how many bytes the channel took. */
function flood(piece: string | Buffer, ms: number): number {
  const bytes = Buffer.from(piece);
  const untilMs = performance.now() + ms;
  let total = 0;
  while (performance.now() < untilMs) total += writeAll(bytes, untilMs);
  return total;
}

/** The same, with a write for each byte. */
function floodBytes(text: string, ms: number): number {
  const untilMs = performance.now() + ms;
  let total = 0;
  for (let at = 0; performance.now() < untilMs; at = (at + 1) % text.length) {
    total += writeAll(Buffer.from(text.charAt(at)), untilMs);
  }
  return total;
}

/** Sends a descriptor with each of `count` messages. */
function passDescriptors(text: string, count: number): number {
  const descriptors = openDescriptorPassing();
  const fd = openSync("/dev/null", "r");
  for (let sent = 0; sent < count;) {
    if (descriptors.pass(CHANNEL_FD, fd, text)) sent += 1;
    else Bun.sleepSync(1);
  }
  return count;
}

/** Each returns a number that its client is sent. */
const ATTACKS: Record<string, (argument: number) => number> = {
  "pass descriptors": (count) => passDescriptors(SERVING, count),
  "pass handles": (count) =>
    passDescriptors('{"cmd":"NODE_HANDLE","type":"net.Server","message":{}}\n', count),
  "acknowledge handles": (ms) => flood('{"cmd":"NODE_HANDLE_ACK"}\n', ms),
  "send nulls": (ms) => flood("\x02null\n", ms),
  "send an endless line": (ms) => flood(Buffer.alloc(1 << 20, "x"), ms),
  "send a line of": (bytes) =>
    writeAll(Buffer.from(SERVING.padStart(bytes + 1)), Number.POSITIVE_INFINITY),
  "send tiny messages": (ms) => flood(SERVING, ms) / SERVING.length,
  "send many messages at once": (ms) => flood(SERVING.repeat(10_000), ms) / SERVING.length,
  "send single bytes": (ms) => floodBytes(SERVING.padStart(1000), ms),
  "ask without reading": (ms) => {
    const who = `{"type":"request","what":"who","room":"${"x".repeat(30)}"}\n`;
    return flood(who, ms) / who.length;
  },
};

export default service({
  open: (client) => client.write("ready\n"),
  async line(client, line) {
    const [, attack = "", argument = ""] = /^(.*?) ?(\d*)$/.exec(line) ?? [];
    await client.write(`${ATTACKS[attack]?.(Number(argument)) ?? line}\n`);
  },
});
