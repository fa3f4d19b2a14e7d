/** What waits for a child that does not read, and what is dropped. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  createChannelWriter,
  MAX_WAITING_BYTES,
  MAX_WAITING_MESSAGES,
} from "../../../server/channel/channel-writer.ts";
import {
  encodeMessage,
  type MasterMessage,
  MAX_JSON_CHARS,
} from "../../../server/channel/messages.ts";

const EVE = { id: "1", name: "eve", room: "lobby" };

function messageOf(json: string): Buffer {
  return encodeMessage({ type: "message", from: EVE, json });
}

/**
 * A writer to a child whose kernel takes `room` bytes in all; `received` returns the
 * messages that have arrived.
 */
function startWriter(room = 0) {
  let taken = Buffer.alloc(0);
  let left = room;
  let isBroken = false;
  const writer = createChannelWriter((bytes) => {
    if (isBroken) return -1;
    const part = bytes.subarray(0, left);
    taken = Buffer.concat([taken, part]);
    left -= part.length;
    return part.length;
  });
  return {
    writer,
    /** The child reads this many bytes. */
    read(bytes: number): void {
      left += bytes;
      writer.flush();
    },
    breakOff: () => void (isBroken = true),
    received: () =>
      taken
        .toString()
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as MasterMessage),
    takenBytes: () => taken.length,
  };
}

test("a child that does not keep up has a bounded number of messages waiting, and is sent how many were dropped", () => {
  const step = fc.oneof(
    fc.record({ sends: fc.integer({ min: 1, max: 700 }) }),
    fc.record({ reads: fc.integer({ min: 1, max: 100_000 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const { writer, read, received } = startWriter();
      let sent = 0;
      let lost = 0;
      for (const step of [...steps, { reads: 10 * MAX_WAITING_BYTES }]) {
        if ("reads" in step) read(step.reads);
        else for (let i = 0; i < step.sends; i += 1) writer.deliver(messageOf(`${(sent += 1)}`));
      }
      const numbers: number[] = [];
      for (const message of received()) {
        if (message.type === "message") numbers.push(Number(message.json));
        if (message.type === "lost") lost += message.count;
      }
      // Each message was received, in order, or counted as dropped as soon as there was room.
      expect(numbers.length + lost).toBe(sent);
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      expect(new Set(numbers).size).toBe(numbers.length);
    }),
    { numRuns: 300 },
  );
});

test("of short messages 1,000 may wait, of long ones fewer, by their size as they are sent", () => {
  for (const text of ["", "x", '"', "\u2028", "\u20ac"].map((one) => one.repeat(2600))) {
    const { writer, read, received, takenBytes } = startWriter();
    const line = messageOf(JSON.stringify(text));
    for (let i = 0; i < 2 * MAX_WAITING_MESSAGES; i += 1) writer.deliver(line);
    read(MAX_WAITING_BYTES + 2 * line.length);
    const count = Math.min(Math.ceil(MAX_WAITING_BYTES / line.length), MAX_WAITING_MESSAGES);
    expect(received().filter(({ type }) => type === "message")).toHaveLength(count);
    expect(received().at(-1)).toEqual({ type: "lost", count: 2 * MAX_WAITING_MESSAGES - count });
    expect(takenBytes()).toBeLessThan(MAX_WAITING_BYTES + 2 * line.length);
  }
});

test("a child that keeps up is sent everything, however long", () => {
  const { writer, read, received } = startWriter();
  const longest = messageOf(JSON.stringify("\u20ac".repeat(MAX_JSON_CHARS - 2)));
  for (let sent = 0; sent < 200; sent += 1) {
    writer.deliver(longest);
    read(longest.length);
  }
  expect(received().filter(({ type }) => type === "message")).toHaveLength(200);
});

test("a reply is owed until the child has taken all of it, behind what was sent before, and is never dropped", () => {
  const { writer, read, received } = startWriter();
  const [before, reply] = [messageOf("1"), encodeMessage({ type: "reply", value: true })];
  expect(writer.owesReply).toBe(false);
  for (let i = 0; i < 2 * MAX_WAITING_MESSAGES; i += 1) writer.deliver(before);
  writer.awaitReply();
  read(before.length);
  expect(writer.owesReply).toBe(true);
  writer.reply(reply);
  const lost = encodeMessage({ type: "lost", count: MAX_WAITING_MESSAGES });
  read((MAX_WAITING_MESSAGES - 1) * before.length + lost.length);
  expect(writer.owesReply).toBe(true);
  read(reply.length - 1);
  expect(writer.owesReply).toBe(true);
  read(1);
  expect(writer.owesReply).toBe(false);
  expect(received().at(-1)).toEqual({ type: "reply", value: true });
  // What is sent after it makes no difference.
  writer.deliver(before);
  expect(writer.owesReply).toBe(false);
});

test("what waits for a child that has closed its end is discarded, and it is owed nothing", () => {
  const { writer, read, breakOff, received } = startWriter();
  writer.deliver(messageOf("1"));
  breakOff();
  read(1000);
  writer.awaitReply();
  writer.reply(messageOf("2"));
  expect(writer.owesReply).toBe(false);
  expect(received()).toEqual([]);
});
