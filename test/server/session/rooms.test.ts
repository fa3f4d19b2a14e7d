/** Which messages reach which members of a room, and what is dropped for those who do not keep up. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { MAX_UNREAD_MESSAGES, MAX_UNREAD_BYTES } from "../../../server/session/mailbox.ts";
import { createRooms } from "../../../server/session/rooms.ts";
import type { Session } from "../../../server/session/session.ts";
import {
  type RoomRequest,
  MAX_UNACKNOWLEDGED,
  type Marked,
  type MasterMessage,
  MAX_JSON_CHARS,
} from "../../../server/channel/messages.ts";

/** Rooms, and what each session was sent, in order. Each has read its replies. */
function startRooms() {
  const sent = new Map<string, MasterMessage[]>();
  const lastReplies = new Map<string, number>();
  const unread = new Map<string, number[]>();
  const sessions = new Map<string, Session>();
  const unreachable = new Set<string>();
  const failures: string[] = [];

  const rooms = createRooms({
    send({ id }, { mark, ...message }: Marked<MasterMessage>) {
      if (unreachable.has(id)) throw new Error("unreachable");
      sent.set(id, [...(sent.get(id) ?? []), message as MasterMessage]);
      if (message.type === "reply") lastReplies.set(id, mark);
      else unread.set(id, [...(unread.get(id) ?? []), mark]);
    },
    onFailed: ({ id }, error) => failures.push(`${id}: ${String(error)}`),
  });

  function session(id: string): Session {
    const known = sessions.get(id) ?? ({ id } as Session);
    sessions.set(id, known);
    return known;
  }

  function request(id: string, what: RoomRequest): boolean {
    return rooms.request(session(id), { ...what, after: lastReplies.get(id) ?? null });
  }

  return {
    rooms,
    session,
    unreachable,
    failures,
    request,
    /** What it was sent since the last call. */
    take(id: string): MasterMessage[] {
      const messages = sent.get(id) ?? [];
      sent.delete(id);
      return messages;
    },
    /** It acknowledges `count` messages. */
    acknowledge(id: string, count: number): boolean {
      const mark = unread.get(id)?.[count - 1];
      if (mark === undefined || !rooms.acknowledge(session(id), mark)) return false;
      unread.set(id, unread.get(id)?.slice(count) ?? []);
      return true;
    },
    /** The marks of the messages of others that it has not acknowledged. */
    marks: (id: string): readonly number[] => unread.get(id) ?? [],
    enter: (id: string, room = "lobby") => request(id, { what: "enter", room, name: id }),
    broadcast: (id: string, json: string) => request(id, { what: "broadcast", json }),
  };
}

const member = (name: string, room = "lobby") => ({ id: name, name, room });

test("members of a room get who enters, what is said and who leaves; others get nothing", () => {
  const { rooms, session, request, take, enter, broadcast } = startRooms();
  for (const id of ["ann", "bob"]) enter(id);
  enter("eve", "attic");
  take("bob");
  take("eve");
  expect(take("ann")).toEqual([
    { type: "reply", value: true },
    { type: "joined", member: member("bob") },
  ]);
  broadcast("ann", '"hello"');
  expect(take("ann")).toEqual([{ type: "reply", value: 1 }]);
  expect(take("bob")).toEqual([{ type: "message", from: member("ann"), json: '"hello"' }]);
  expect(take("eve")).toEqual([]);
  request("eve", { what: "send", to: "bob", json: "1" });
  request("eve", { what: "send", to: "nobody", json: "1" });
  expect(take("eve").map((message) => "value" in message && message.value)).toEqual([true, false]);
  expect(take("bob")).toEqual([{ type: "message", from: member("eve", "attic"), json: "1" }]);
  request("ann", { what: "who", room: "lobby" });
  expect(take("ann")).toEqual([{ type: "reply", value: [member("ann"), member("bob")] }]);
  expect(rooms.list()).toEqual([
    { name: "lobby", size: 2 },
    { name: "attic", size: 1 },
  ]);
  rooms.leave(session("bob"));
  expect(take("ann")).toEqual([{ type: "left", member: member("bob") }]);
  rooms.leave(session("eve"));
  rooms.leave(session("ann"));
  expect(rooms.list()).toEqual([]);
});

test("a name belongs to one member of a room, and is free once that member has gone", () => {
  const { rooms, session, request, take } = startRooms();
  const enter = (id: string, room: string) => {
    request(id, { what: "enter", room, name: "ann" });
    return take(id);
  };
  expect(enter("1", "a")).toEqual([{ type: "reply", value: true }]);
  expect(enter("2", "a")).toEqual([{ type: "reply", value: false }]);
  expect(enter("2", "b")).toEqual([{ type: "reply", value: true }]);
  expect(enter("2", "a")).toEqual([{ type: "reply", value: false }]);
  expect(rooms.list().map(({ size }) => size)).toEqual([1, 1]);
  rooms.leave(session("1"));
  expect(enter("2", "a")).toEqual([{ type: "reply", value: true }]);
  expect(rooms.list()).toEqual([{ name: "a", size: 1 }]);
});

test("entering another room leaves the first one", () => {
  const { take, enter } = startRooms();
  for (const id of ["ann", "bob"]) enter(id);
  enter("eve", "attic");
  take("bob");
  take("eve");
  enter("ann", "attic");
  expect(take("bob")).toEqual([{ type: "left", member: member("ann") }]);
  expect(take("eve")).toEqual([{ type: "joined", member: member("ann", "attic") }]);
});

test("a broadcast to many is replied to when it was sent to all; other work is done in between", async () => {
  const { take, enter, broadcast } = startRooms();
  const many = Array.from({ length: 300 }, (_, i) => `${i}`);
  for (const id of many) {
    enter(id);
    while (take(id).length === 0) await new Promise(setImmediate);
  }
  for (const id of many) take(id);

  broadcast("0", "1");
  expect(take("0")).toEqual([]);
  expect(broadcast("0", "2")).toBe(false); // it must wait for the reply
  const last = many.at(-1) as string;
  let turns = 0;
  while (take("0").length === 0) {
    await new Promise(setImmediate);
    turns += 1;
  }
  expect(turns).toBeGreaterThan(1);
  expect(take(last).at(-1)).toMatchObject({ type: "message", json: "1" });
});

test("a child that does not keep up has a bounded number of messages unread, and is sent how many were dropped", () => {
  const step = fc.oneof(
    fc.record({ sends: fc.integer({ min: 1, max: 700 }) }),
    fc.record({ acknowledges: fc.integer({ min: 1, max: MAX_UNREAD_MESSAGES + 9 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const { acknowledge, take, enter, broadcast } = startRooms();
      enter("ear");
      enter("mouth");
      let sent = 0;
      let unread = 0;
      let dropped = 0;
      const received: number[] = [];
      const readAll = () => {
        for (const message of take("ear")) {
          if (message.type === "reply") continue;
          unread += 1;
          if (message.type === "message") received.push(Number(message.json));
          if (message.type === "lost") dropped += message.count;
        }
        expect(unread).toBeLessThanOrEqual(MAX_UNREAD_MESSAGES + 1);
      };
      readAll();
      for (const step of [...steps, { acknowledges: MAX_UNREAD_MESSAGES }]) {
        if ("sends" in step) {
          for (let i = 0; i < step.sends; i += 1) broadcast("mouth", `${(sent += 1)}`);
        } else {
          const count = Math.min(step.acknowledges, unread);
          expect(acknowledge("ear", count)).toBe(count >= MAX_UNACKNOWLEDGED);
          if (count >= MAX_UNACKNOWLEDGED) unread -= count;
        }
        readAll();
      }
      // Each message was received, in order, or counted as dropped as soon as there was room.
      expect(received.length + dropped).toBe(sent);
      expect(received).toEqual(received.toSorted((a, b) => a - b));
      expect(new Set(received).size).toBe(received.length);
    }),
    { numRuns: 300 },
  );
});

test("of long messages fewer may be unread, by their size as they are sent", () => {
  for (const long of ["x", '"', "\u2028", "\u20ac"].map((one) =>
    JSON.stringify(one.repeat(2600)),
  )) {
    const { take, enter, broadcast } = startRooms();
    enter("ear");
    enter("mouth");
    for (let i = 0; i < 300; i += 1) broadcast("mouth", long);
    const received = take("ear").filter(({ type }) => type !== "reply");
    const bytes = received.map((message) => Buffer.byteLength(JSON.stringify(message)));
    const maxBytes = Math.max(...bytes) + 100;
    const totalBytes = bytes.reduce((sum, one) => sum + one);
    expect(totalBytes).toBeWithin(MAX_UNREAD_BYTES - 2 * maxBytes, MAX_UNREAD_BYTES + maxBytes);
  }
});

test("a child that keeps up is sent everything, however long", () => {
  const { acknowledge, take, enter, broadcast } = startRooms();
  enter("ear");
  enter("mouth");
  take("ear");
  expect(acknowledge("ear", 1)).toBe(false); // "joined" alone is too few
  const longest = JSON.stringify("\u20ac".repeat(MAX_JSON_CHARS - 2));
  for (let sent = 1; sent <= 10 * MAX_UNACKNOWLEDGED; sent += 1) {
    expect(broadcast("mouth", longest)).toBe(true);
    expect(take("ear").map(({ type }) => type)).toEqual(["message"]);
    if ((sent + 1) % MAX_UNACKNOWLEDGED === 0) {
      expect(acknowledge("ear", MAX_UNACKNOWLEDGED)).toBe(true);
    }
  }
});

test("a child that reads no reply can make one request, and gets no other reply", () => {
  const { rooms, session, take } = startRooms();
  const who = { what: "who", room: "lobby" } as const;
  expect(rooms.request(session("eve"), { ...who, after: null })).toBe(true);
  expect(rooms.request(session("eve"), { ...who, after: null })).toBe(false);
  expect(rooms.request(session("eve"), { ...who, after: 0 })).toBe(false);
  expect(rooms.request(session("bob"), { ...who, after: 0 })).toBe(false); // it was never sent a reply
  expect(take("eve")).toHaveLength(1);
});

test("only a mark that was sent acknowledges, once, and not a few messages", () => {
  const { rooms, session, marks, enter, broadcast } = startRooms();
  enter("ear");
  enter("other");
  enter("mouth");
  for (let i = 0; i < 3 * MAX_UNACKNOWLEDGED; i += 1) broadcast("mouth", "1");
  const sent = [...marks("ear")];
  const acknowledge = (mark: number | undefined) =>
    rooms.acknowledge(session("ear"), mark as number);
  expect(new Set([...sent, ...marks("other")]).size).toBe(sent.length + marks("other").length);
  expect(acknowledge(MAX_UNACKNOWLEDGED)).toBe(false); // a number that it can count to
  expect(acknowledge(marks("other")[MAX_UNACKNOWLEDGED])).toBe(false);
  expect(acknowledge(sent[MAX_UNACKNOWLEDGED - 2])).toBe(false);
  expect(acknowledge(sent[MAX_UNACKNOWLEDGED - 1])).toBe(true);
  expect(acknowledge(sent[MAX_UNACKNOWLEDGED - 1])).toBe(false);
  expect(acknowledge(sent[MAX_UNACKNOWLEDGED])).toBe(false);
  expect(acknowledge(sent.at(-1))).toBe(true);
  expect(rooms.acknowledge(session("nobody"), 0)).toBe(false);
});

test("a child that cannot be sent to is reported once and skipped; all others get the message", () => {
  const { failures, unreachable, take, enter, broadcast } = startRooms();
  for (const id of ["mouth", "gone", "ear"]) enter(id);
  unreachable.add("gone");
  take("ear");
  take("mouth");
  for (const json of ["1", "2"]) {
    expect(broadcast("mouth", json)).toBe(true);
    expect(take("ear")).toEqual([{ type: "message", from: member("mouth"), json }]);
    expect(take("mouth")).toEqual([{ type: "reply", value: 2 }]);
  }
  expect(failures).toEqual(["gone: Error: unreachable"]);
  unreachable.add("ear");
  broadcast("ear", "3");
  expect(take("mouth")).toEqual([{ type: "message", from: member("ear"), json: "3" }]);
});

test("a message does not reach a member that has left the room meanwhile, even one that came back", async () => {
  const { take, enter, broadcast } = startRooms();
  const many = Array.from({ length: 300 }, (_, i) => `${i}`);
  for (const id of many) {
    enter(id);
    while (take(id).length === 0) await new Promise(setImmediate);
  }
  for (const id of many) take(id);
  broadcast("0", '"before"');
  enter("299", "attic");
  enter("298", "attic");
  while (take("298").at(-1)?.type !== "reply") await new Promise(setImmediate);
  enter("298");
  const received = ["297", "298", "299"].map(() => [] as string[]);
  const readAll = () =>
    received.forEach((lines, i) => {
      for (const message of take(`${297 + i}`)) {
        if (message.type === "message") lines.push(message.json);
      }
    });
  while (take("0").every(({ type }) => type !== "reply")) await new Promise(setImmediate);
  readAll();
  broadcast("0", '"after"');
  while (take("0").every(({ type }) => type !== "reply")) await new Promise(setImmediate);
  readAll();
  expect(received).toEqual([['"before"', '"after"'], ['"after"'], []]);
});

test("a child that has entered no room can send to nobody, and nobody to it", () => {
  const { request, rooms, take, enter, broadcast } = startRooms();
  enter("ann");
  broadcast("eve", "1");
  broadcast("bob", "1");
  request("eve", { what: "send", to: "ann", json: "1" });
  request("ann", { what: "send", to: "eve", json: "1" });
  const replies = (id: string) => take(id).map((message) => "value" in message && message.value);
  expect(replies("eve")).toEqual([0, false]);
  expect(replies("bob")).toEqual([0]);
  expect(replies("ann")).toEqual([true, false]);
  expect(rooms.list()).toEqual([{ name: "lobby", size: 1 }]);
});
