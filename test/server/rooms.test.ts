/** Who is told what by whom, and what is left out for those who do not keep up. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { MOST_BEFORE, MOST_CHARACTERS, openRooms } from "../../server/rooms.ts";
import type { Session } from "../../server/table.ts";
import type { MasterMessage } from "../../shared/messages.ts";

/** Rooms, and what each session was told, in its order. */
function listening() {
  const told = new Map<string, MasterMessage[]>();
  const rooms = openRooms(({ id }, message) => {
    told.set(id, [...(told.get(id) ?? []), message]);
  });
  const sessions = new Map<string, Session>();

  function session(id: string): Session {
    const known = sessions.get(id) ?? ({ id } as Session);
    sessions.set(id, known);
    return known;
  }

  return {
    rooms,
    session,
    /** What it was told since the last call. */
    take(id: string): MasterMessage[] {
      const messages = told.get(id) ?? [];
      told.delete(id);
      return messages;
    },
    enter: (id: string, room = "lobby") =>
      rooms.ask(session(id), { what: "enter", room, name: id }),
    broadcast: (id: string, json: string) => rooms.ask(session(id), { what: "broadcast", json }),
  };
}

const member = (name: string, room = "lobby") => ({ id: name, name, room });

test("those in a room hear who enters, what is said and who leaves; others hear nothing", () => {
  const { rooms, session, take, enter, broadcast } = listening();
  for (const id of ["ann", "bob"]) enter(id);
  enter("eve", "attic");
  take("bob");
  take("eve");
  expect(take("ann")).toEqual([
    { type: "answer", value: true },
    { type: "joined", member: member("bob") },
  ]);
  broadcast("ann", '"hello"');
  expect(take("ann")).toEqual([{ type: "answer", value: 1 }]);
  expect(take("bob")).toEqual([{ type: "message", from: member("ann"), json: '"hello"' }]);
  expect(take("eve")).toEqual([]);
  rooms.ask(session("eve"), { what: "send", to: "bob", json: "1" });
  rooms.ask(session("eve"), { what: "send", to: "nobody", json: "1" });
  expect(take("eve").map((message) => "value" in message && message.value)).toEqual([true, false]);
  expect(take("bob")).toEqual([{ type: "message", from: member("eve", "attic"), json: "1" }]);
  rooms.ask(session("ann"), { what: "who", room: "lobby" });
  expect(take("ann")).toEqual([{ type: "answer", value: [member("ann"), member("bob")] }]);
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

test("a name is one member's in its room, and free when that one has gone", () => {
  const { rooms, session, take } = listening();
  const enter = (id: string, room: string) => {
    rooms.ask(session(id), { what: "enter", room, name: "ann" });
    return take(id);
  };
  expect(enter("1", "a")).toEqual([{ type: "answer", value: true }]);
  expect(enter("2", "a")).toEqual([{ type: "answer", value: false }]);
  expect(enter("2", "b")).toEqual([{ type: "answer", value: true }]);
  expect(enter("2", "a")).toEqual([{ type: "answer", value: false }]);
  expect(rooms.list().map(({ size }) => size)).toEqual([1, 1]);
  rooms.leave(session("1"));
  expect(enter("2", "a")).toEqual([{ type: "answer", value: true }]);
  expect(rooms.list()).toEqual([{ name: "a", size: 1 }]);
});

test("to go to another room is to leave the first one", () => {
  const { take, enter } = listening();
  for (const id of ["ann", "bob"]) enter(id);
  enter("eve", "attic");
  take("bob");
  take("eve");
  enter("ann", "attic");
  expect(take("bob")).toEqual([{ type: "left", member: member("ann") }]);
  expect(take("eve")).toEqual([{ type: "joined", member: member("ann", "attic") }]);
});

test("a broadcast to many is answered when it is on its way to all, others in between", async () => {
  const { take, enter, broadcast } = listening();
  const many = Array.from({ length: 1000 }, (_, i) => `${i}`);
  for (const id of many) {
    enter(id);
    while (take(id).length === 0) await new Promise(setImmediate);
  }
  for (const id of many) take(id);

  broadcast("0", "1");
  expect(take("0")).toEqual([]);
  expect(broadcast("0", "2")).toBe(false); // it must wait for the answer
  const last = many.at(-1) as string;
  let turns = 0;
  while (take("0").length === 0) {
    await new Promise(setImmediate);
    turns += 1;
  }
  expect(turns).toBeGreaterThan(1);
  expect(take(last).at(-1)).toMatchObject({ type: "message", json: "1" });
});

test("who does not keep up has so many before it, and is told how many were left out", () => {
  const deed = fc.oneof(
    fc.record({ says: fc.integer({ min: 1, max: 700 }) }),
    fc.record({ hears: fc.integer({ min: 1, max: MOST_BEFORE + 9 }) }),
  );
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 12 }), (deeds) => {
      const { rooms, session, take, enter, broadcast } = listening();
      enter("ear");
      enter("mouth");
      let said = 0;
      let before = 0;
      let lost = 0;
      const heard: number[] = [];
      const note = () => {
        for (const message of take("ear")) {
          if (message.type === "answer") continue;
          before += 1;
          if (message.type === "message") heard.push(Number(message.json));
          if (message.type === "lost") lost += message.count;
        }
        expect(before).toBeLessThanOrEqual(MOST_BEFORE + 1);
      };
      note();
      for (const deed of [...deeds, { hears: 1 }]) {
        if ("says" in deed) {
          for (let i = 0; i < deed.says; i += 1) broadcast("mouth", `${(said += 1)}`);
        } else {
          const count = Math.min(deed.hears, before);
          if (count < deed.hears) expect(rooms.heard(session("ear"), deed.hears)).toBe(false);
          before -= count;
          expect(rooms.heard(session("ear"), count)).toBe(true);
        }
        note();
      }
      // Each was heard, in its order, or is told to be lost as soon as there is room.
      expect(heard.length + lost).toBe(said);
      expect(heard).toEqual(heard.toSorted((a, b) => a - b));
      expect(new Set(heard).size).toBe(heard.length);
    }),
    { numRuns: 300 },
  );
});

test("of long messages it has fewer before it", () => {
  const { take, enter, broadcast } = listening();
  enter("ear");
  enter("mouth");
  const long = JSON.stringify("x".repeat(5000));
  for (let i = 0; i < 100; i += 1) broadcast("mouth", long);
  const heard = take("ear").filter(({ type }) => type === "message");
  expect(heard.length).toBe(Math.ceil(MOST_CHARACTERS / long.length));
});
