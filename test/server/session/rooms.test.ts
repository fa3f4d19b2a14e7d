/** Who is told what by whom, and what is left out for those who do not keep up. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { MAX_UNREAD_MESSAGES, MAX_UNREAD_BYTES } from "../../../server/session/mailbox.ts";
import { createRooms } from "../../../server/session/rooms.ts";
import type { Session } from "../../../server/session/table.ts";
import {
  type RoomRequest,
  MAX_UNACKNOWLEDGED,
  type Marked,
  type MasterMessage,
  MAX_JSON_CHARS,
} from "../../../server/channel/messages.ts";

/** Rooms, and what each session was told, in its order. Each has read what it was told. */
function listening() {
  const told = new Map<string, MasterMessage[]>();
  const answers = new Map<string, number>();
  const unheard = new Map<string, number[]>();
  const sessions = new Map<string, Session>();
  const unreachable = new Set<string>();
  const broken: string[] = [];

  const rooms = createRooms({
    send({ id }, { mark, ...message }: Marked<MasterMessage>) {
      if (unreachable.has(id)) throw new Error("nobody there");
      told.set(id, [...(told.get(id) ?? []), message as MasterMessage]);
      if (message.type === "answer") answers.set(id, mark);
      else unheard.set(id, [...(unheard.get(id) ?? []), mark]);
    },
    broken: ({ id }, error) => broken.push(`${id}: ${String(error)}`),
  });

  function session(id: string): Session {
    const known = sessions.get(id) ?? ({ id } as Session);
    sessions.set(id, known);
    return known;
  }

  function ask(id: string, what: RoomRequest): boolean {
    return rooms.ask(session(id), { ...what, after: answers.get(id) ?? null });
  }

  return {
    rooms,
    session,
    unreachable,
    broken,
    ask,
    /** What it was told since the last call. */
    take(id: string): MasterMessage[] {
      const messages = told.get(id) ?? [];
      told.delete(id);
      return messages;
    },
    /** It has dealt with so many messages. */
    hear(id: string, count: number): boolean {
      const mark = unheard.get(id)?.[count - 1];
      if (mark === undefined || !rooms.heard(session(id), mark)) return false;
      unheard.set(id, unheard.get(id)?.slice(count) ?? []);
      return true;
    },
    /** The marks of what others have told it. */
    marks: (id: string): readonly number[] => unheard.get(id) ?? [],
    enter: (id: string, room = "lobby") => ask(id, { what: "enter", room, name: id }),
    broadcast: (id: string, json: string) => ask(id, { what: "broadcast", json }),
  };
}

const member = (name: string, room = "lobby") => ({ id: name, name, room });

test("those in a room hear who enters, what is said and who leaves; others hear nothing", () => {
  const { rooms, session, ask, take, enter, broadcast } = listening();
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
  ask("eve", { what: "send", to: "bob", json: "1" });
  ask("eve", { what: "send", to: "nobody", json: "1" });
  expect(take("eve").map((message) => "value" in message && message.value)).toEqual([true, false]);
  expect(take("bob")).toEqual([{ type: "message", from: member("eve", "attic"), json: "1" }]);
  ask("ann", { what: "who", room: "lobby" });
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
  const { rooms, session, ask, take } = listening();
  const enter = (id: string, room: string) => {
    ask(id, { what: "enter", room, name: "ann" });
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
    fc.record({ hears: fc.integer({ min: 1, max: MAX_UNREAD_MESSAGES + 9 }) }),
  );
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 12 }), (deeds) => {
      const { hear, take, enter, broadcast } = listening();
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
        expect(before).toBeLessThanOrEqual(MAX_UNREAD_MESSAGES + 1);
      };
      note();
      for (const deed of [...deeds, { hears: MAX_UNREAD_MESSAGES }]) {
        if ("says" in deed) {
          for (let i = 0; i < deed.says; i += 1) broadcast("mouth", `${(said += 1)}`);
        } else {
          const count = Math.min(deed.hears, before);
          expect(hear("ear", count)).toBe(count >= MAX_UNACKNOWLEDGED);
          if (count >= MAX_UNACKNOWLEDGED) before -= count;
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

test("of long messages it has fewer before it, by their bytes on the way", () => {
  for (const long of ["x", '"', "\u2028", "\u20ac"].map((one) =>
    JSON.stringify(one.repeat(2600)),
  )) {
    const { take, enter, broadcast } = listening();
    enter("ear");
    enter("mouth");
    for (let i = 0; i < 300; i += 1) broadcast("mouth", long);
    const heard = take("ear").filter(({ type }) => type !== "answer");
    const bytes = heard.map((message) => Buffer.byteLength(JSON.stringify(message)));
    const most = Math.max(...bytes) + 100;
    const all = bytes.reduce((sum, one) => sum + one);
    expect(all).toBeWithin(MAX_UNREAD_BYTES - 2 * most, MAX_UNREAD_BYTES + most);
  }
});

test("one that keeps up is told all, however long it is", () => {
  const { hear, take, enter, broadcast } = listening();
  enter("ear");
  enter("mouth");
  take("ear");
  expect(hear("ear", 1)).toBe(false); // "joined" alone is too few
  const longest = JSON.stringify("\u20ac".repeat(MAX_JSON_CHARS - 2));
  for (let said = 1; said <= 10 * MAX_UNACKNOWLEDGED; said += 1) {
    expect(broadcast("mouth", longest)).toBe(true);
    expect(take("ear").map(({ type }) => type)).toEqual(["message"]);
    if ((said + 1) % MAX_UNACKNOWLEDGED === 0) expect(hear("ear", MAX_UNACKNOWLEDGED)).toBe(true);
  }
});

test("one that reads no answer asks once, and is owed nothing more", () => {
  const { rooms, session, take } = listening();
  const who = { what: "who", room: "lobby" } as const;
  expect(rooms.ask(session("eve"), { ...who, after: null })).toBe(true);
  expect(rooms.ask(session("eve"), { ...who, after: null })).toBe(false);
  expect(rooms.ask(session("eve"), { ...who, after: 0 })).toBe(false);
  expect(rooms.ask(session("bob"), { ...who, after: 0 })).toBe(false); // never answered anything
  expect(take("eve")).toHaveLength(1);
});

test("to have heard is believed of what was told, once, and not of a few", () => {
  const { rooms, session, marks, enter, broadcast } = listening();
  enter("ear");
  enter("other");
  enter("mouth");
  for (let i = 0; i < 3 * MAX_UNACKNOWLEDGED; i += 1) broadcast("mouth", "1");
  const said = [...marks("ear")];
  const heard = (mark: number | undefined) => rooms.heard(session("ear"), mark as number);
  expect(new Set([...said, ...marks("other")]).size).toBe(said.length + marks("other").length);
  expect(heard(MAX_UNACKNOWLEDGED)).toBe(false); // a number that it may have counted
  expect(heard(marks("other")[MAX_UNACKNOWLEDGED])).toBe(false);
  expect(heard(said[MAX_UNACKNOWLEDGED - 2])).toBe(false);
  expect(heard(said[MAX_UNACKNOWLEDGED - 1])).toBe(true);
  expect(heard(said[MAX_UNACKNOWLEDGED - 1])).toBe(false);
  expect(heard(said[MAX_UNACKNOWLEDGED])).toBe(false);
  expect(heard(said.at(-1))).toBe(true);
  expect(rooms.heard(session("nobody"), 0)).toBe(false);
});

test("one that cannot be sent to is passed over, and told of once; all others hear", () => {
  const { broken, unreachable, take, enter, broadcast } = listening();
  for (const id of ["mouth", "gone", "ear"]) enter(id);
  unreachable.add("gone");
  take("ear");
  take("mouth");
  for (const json of ["1", "2"]) {
    expect(broadcast("mouth", json)).toBe(true);
    expect(take("ear")).toEqual([{ type: "message", from: member("mouth"), json }]);
    expect(take("mouth")).toEqual([{ type: "answer", value: 2 }]);
  }
  expect(broken).toEqual(["gone: Error: nobody there"]);
  unreachable.add("ear");
  broadcast("ear", "3");
  expect(take("mouth")).toEqual([{ type: "message", from: member("ear"), json: "3" }]);
});

test("what was said in a room is not told to one that has left it meanwhile, or come back", async () => {
  const { take, enter, broadcast } = listening();
  const many = Array.from({ length: 300 }, (_, i) => `${i}`);
  for (const id of many) {
    enter(id);
    while (take(id).length === 0) await new Promise(setImmediate);
  }
  for (const id of many) take(id);
  broadcast("0", '"before"');
  enter("299", "attic");
  enter("298", "attic");
  while (take("298").at(-1)?.type !== "answer") await new Promise(setImmediate);
  enter("298");
  const told = ["297", "298", "299"].map(() => [] as string[]);
  const note = () =>
    told.forEach((lines, i) => {
      for (const message of take(`${297 + i}`)) {
        if (message.type === "message") lines.push(message.json);
      }
    });
  while (take("0").every(({ type }) => type !== "answer")) await new Promise(setImmediate);
  note();
  broadcast("0", '"after"');
  while (take("0").every(({ type }) => type !== "answer")) await new Promise(setImmediate);
  note();
  expect(told).toEqual([['"before"', '"after"'], ['"after"'], []]);
});

test("one that has entered no room says nothing to anybody, nor anybody to it", () => {
  const { ask, rooms, take, enter, broadcast } = listening();
  enter("ann");
  broadcast("eve", "1");
  broadcast("bob", "1");
  ask("eve", { what: "send", to: "ann", json: "1" });
  ask("ann", { what: "send", to: "eve", json: "1" });
  const answers = (id: string) => take(id).map((message) => "value" in message && message.value);
  expect(answers("eve")).toEqual([0, false]);
  expect(answers("bob")).toEqual([0]);
  expect(answers("ann")).toEqual([true, false]);
  expect(rooms.list()).toEqual([{ name: "lobby", size: 1 }]);
});
