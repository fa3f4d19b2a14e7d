/**
 * Children that talk with each other, by way of the master's IPC. A child asks one thing at a time and waits
 * for the answer, which for a broadcast comes when it is on its way to all: so nobody can make the master
 * owe more than one broadcast, and what one sends comes to each in its order.
 *
 * A child that does not keep up has so many messages before it as `MOST_BEFORE` and `MOST_CHARACTERS` allow;
 * what would be more is left out for it, counted, and it is told how many. Nobody waits for it.
 */
import type { Ask, MasterMessage, Member } from "../shared/messages.ts";
import type { Room } from "../shared/master.ts";
import type { Session } from "./table.ts";

export interface Rooms {
  /** Takes what a session's child asks; false if it has not waited for the answer before. */
  ask(session: Session, ask: Ask): boolean;
  /** The child has dealt with so many messages; false if it had not so many. */
  heard(session: Session, count: number): boolean;
  /** The session is over. */
  leave(session: Session): void;
  /** The fullest first. */
  list(): Room[];
}

/**
 * Messages that a child may have before it, and characters in them, which may be the master's to keep. On a busy
 * machine a burst of words from fifty others takes a child that does keep up a second.
 */
export const MOST_BEFORE = 1000;
export const MOST_CHARACTERS = 250_000;

/** So many messages are sent in one turn of the event loop; in the next one others have theirs. */
const SLICE = 100;

/** A session that has asked for something at least once. */
interface Seat {
  session: Session;
  member: Member;
  /** True while it waits for an answer. */
  asks: boolean;
  /** What it has not dealt with: the characters of each message, and of all. */
  before: number[];
  characters: number;
  /** Messages that were left out since it was told so last. */
  lost: number;
}

/** One message on its way to many. */
interface Delivery {
  message: MasterMessage;
  to: readonly Seat[];
  /** How many have been seen to. */
  next: number;
  done(): void;
}

/** `send` gives a message to a session's child, if it can still be reached. */
export function openRooms(send: (session: Session, message: MasterMessage) => void): Rooms {
  const seats = new Map<string, Seat>();
  const rooms = new Map<string, Set<Seat>>();
  const underWay: Delivery[] = [];

  function seatOf(session: Session): Seat {
    const member = { id: session.id, name: "", room: "" };
    const fresh = { session, member, asks: false, before: [], characters: 0, lost: 0 };
    const seat: Seat = seats.get(session.id) ?? fresh;
    seats.set(session.id, seat);
    return seat;
  }

  function enter(seat: Seat, room: string, name: string): void {
    const isTaken = membersOf(room).some((other) => other !== seat && other.member.name === name);
    if (isTaken) return answer(seat, false);
    leaveRoom(seat);
    seat.member = { ...seat.member, room, name };
    rooms.set(room, (rooms.get(room) ?? new Set()).add(seat));
    tellOthers(seat, { type: "joined", member: seat.member }, () => answer(seat, true));
  }

  function membersOf(room: string): Seat[] {
    return [...(rooms.get(room) ?? [])];
  }

  function leaveRoom(seat: Seat): void {
    const { room } = seat.member;
    const there = rooms.get(room);
    if (there?.delete(seat) !== true) return;
    if (there.size === 0) rooms.delete(room);
    tellOthers(seat, { type: "left", member: seat.member });
  }

  /** Sends to all others in its room, in this turn or in later ones; `done` is told their number. */
  function tellOthers(seat: Seat, message: MasterMessage, done?: (count: number) => void): void {
    const to = membersOf(seat.member.room).filter((other) => other !== seat);
    underWay.push({ message, to, next: 0, done: () => done?.(to.length) });
    if (underWay.length === 1) goOn();
  }

  function goOn(): void {
    let left = SLICE;
    for (let first = underWay[0]; first !== undefined; first = underWay[0]) {
      const slice = first.to.slice(first.next, first.next + left);
      for (const seat of slice) deliver(seat, first.message);
      first.next += slice.length;
      left -= slice.length;
      if (first.next < first.to.length) return void setImmediate(goOn);
      underWay.shift();
      first.done();
    }
  }

  function deliver(seat: Seat, message: MasterMessage): void {
    if (seats.get(seat.session.id) !== seat) return; // it has left meanwhile
    if (isBehind(seat)) {
      seat.lost += 1;
      return;
    }
    tellLost(seat);
    tell(seat, message);
  }

  function tellLost(seat: Seat): void {
    if (seat.lost === 0 || isBehind(seat)) return;
    tell(seat, { type: "lost", count: seat.lost });
    seat.lost = 0;
  }

  function tell(seat: Seat, message: MasterMessage): void {
    const characters = "json" in message ? message.json.length : 0;
    seat.before.push(characters);
    seat.characters += characters;
    send(seat.session, message);
  }

  function messageOf({ member }: Seat, json: string): MasterMessage {
    return { type: "message", from: member, json };
  }

  function answer(seat: Seat, value: boolean | number | Member[]): void {
    seat.asks = false;
    if (seats.get(seat.session.id) === seat) send(seat.session, { type: "answer", value });
  }

  return {
    ask(session, ask) {
      const seat = seatOf(session);
      if (seat.asks) return false;
      seat.asks = true;
      switch (ask.what) {
        case "enter":
          enter(seat, ask.room, ask.name);
          break;
        case "who": {
          const members = membersOf(ask.room).map(({ member }) => member);
          answer(seat, members);
          break;
        }
        case "broadcast":
          tellOthers(seat, messageOf(seat, ask.json), (count) => answer(seat, count));
          break;
        case "send": {
          const to = seats.get(ask.to);
          if (to !== undefined) deliver(to, messageOf(seat, ask.json));
          answer(seat, to !== undefined);
        }
      }
      return true;
    },
    heard(session, count) {
      const seat = seats.get(session.id);
      if (seat === undefined || count > seat.before.length) return false;
      for (const characters of seat.before.splice(0, count)) seat.characters -= characters;
      tellLost(seat);
      return true;
    },
    leave(session) {
      const seat = seats.get(session.id);
      if (seat === undefined) return;
      seats.delete(session.id);
      leaveRoom(seat);
    },
    list: () =>
      Array.from(rooms, ([name, { size }]) => ({ name, size })).sort((a, b) => b.size - a.size),
  };
}

function isBehind({ before, characters }: Seat): boolean {
  return before.length >= MOST_BEFORE || characters >= MOST_CHARACTERS;
}
