/**
 * Which messages reach which members of a room. What is dropped for those who do not
 * read: channel-writer.test.ts.
 */
import { expect, test } from "bun:test";
import { createRooms, type RoomChannel } from "../../../server/session/rooms.ts";
import type { Session } from "../../../server/session/session.ts";
import type { MasterMessage, RoomRequest } from "../../../server/channel/messages.ts";

/** Rooms, and what each session was sent, in order. */
function startRooms() {
  const sent = new Map<string, MasterMessage[]>();
  const sessions = new Map<string, Session>();
  const unreachable = new Set<string>();
  const awaitingReply = new Set<string>();

  const rooms = createRooms(({ id }): RoomChannel | null => {
    if (unreachable.has(id)) return null;
    const add = (line: Buffer) => {
      expect(line.at(-1)).toBe(10);
      const message = JSON.parse(line.toString()) as MasterMessage;
      sent.set(id, [...(sent.get(id) ?? []), message]);
    };
    return {
      awaitReply: () => void awaitingReply.add(id),
      reply(line) {
        expect(awaitingReply.delete(id)).toBe(true);
        add(line);
      },
      deliver: add,
    };
  });

  function session(id: string): Session {
    const known = sessions.get(id) ?? ({ id } as Session);
    sessions.set(id, known);
    return known;
  }

  const request = (id: string, what: RoomRequest) => rooms.request(session(id), what);

  return {
    rooms,
    session,
    unreachable,
    awaitingReply,
    request,
    /** What it was sent since the last call. */
    take(id: string): MasterMessage[] {
      const messages = sent.get(id) ?? [];
      sent.delete(id);
      return messages;
    },
    enter: (id: string, room = "lobby") => request(id, { what: "enter", room, name: id }),
    broadcast: (id: string, json: string) => request(id, { what: "broadcast", json }),
  };
}

type Rooms = ReturnType<typeof startRooms>;

/** Ann and Bob are in the lobby, Eve in the attic. */
function startTwoRooms(): Rooms {
  const started = startRooms();
  for (const id of ["ann", "bob"]) started.enter(id);
  started.enter("eve", "attic");
  for (const id of ["bob", "eve"]) started.take(id);
  return started;
}

/**
 * More members in one room than a broadcast reaches in one turn of the event loop: "0" to "299".
 */
async function startLargeRoom(): Promise<Rooms> {
  const started = startRooms();
  const members = Array.from({ length: 300 }, (_, i) => `${i}`);
  for (const id of members) {
    started.enter(id);
    await untilReplied(started, id);
  }
  for (const id of members) started.take(id);
  return started;
}

/**
 * Waits until a child has been sent a reply, and takes what it was sent.
 * Returns after how many turns.
 */
async function untilReplied({ take }: Rooms, id: string): Promise<number> {
  for (let turns = 0; ; turns += 1) {
    if (take(id).some(({ type }) => type === "reply")) return turns;
    await new Promise(setImmediate);
  }
}

const member = (name: string, room = "lobby") => ({ id: name, name, room });

test("members of a room get who enters, what is said and who leaves; others get nothing", () => {
  const { rooms, session, request, take, broadcast } = startTwoRooms();
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
  const { take, enter } = startTwoRooms();
  enter("ann", "attic");
  expect(take("bob")).toEqual([{ type: "left", member: member("ann") }]);
  expect(take("eve")).toEqual([{ type: "joined", member: member("ann", "attic") }]);
});

test("a broadcast to many is replied to when it was sent to all; other work is done in between", async () => {
  const room = await startLargeRoom();
  const { awaitingReply, take, broadcast } = room;
  broadcast("0", "1");
  expect(take("0")).toEqual([]);
  expect([...awaitingReply]).toEqual(["0"]); // its channel handles no other request
  expect(await untilReplied(room, "0")).toBeGreaterThan(1);
  expect(take("299").at(-1)).toMatchObject({ type: "message", json: "1" });
});

test("a child that cannot be sent to is skipped; all others get the message", () => {
  const { unreachable, take, enter, broadcast } = startRooms();
  for (const id of ["mouth", "gone", "ear"]) enter(id);
  unreachable.add("gone");
  take("ear");
  take("mouth");
  for (const json of ["1", "2"]) {
    broadcast("mouth", json);
    expect(take("ear")).toEqual([{ type: "message", from: member("mouth"), json }]);
    expect(take("mouth")).toEqual([{ type: "reply", value: 2 }]);
  }
  unreachable.add("ear");
  broadcast("ear", "3");
  expect(take("mouth")).toEqual([{ type: "message", from: member("ear"), json: "3" }]);
});

test("a message does not reach a member that has left the room meanwhile, even one that came back", async () => {
  const room = await startLargeRoom();
  const { take, enter, broadcast } = room;
  broadcast("0", '"before"');
  enter("299", "attic");
  enter("298", "attic");
  await untilReplied(room, "298");
  enter("298");
  const received = ["297", "298", "299"].map(() => [] as string[]);
  const readAll = () =>
    received.forEach((lines, i) => {
      for (const message of take(`${297 + i}`)) {
        if (message.type === "message") lines.push(message.json);
      }
    });
  await untilReplied(room, "0");
  readAll();
  broadcast("0", '"after"');
  await untilReplied(room, "0");
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
