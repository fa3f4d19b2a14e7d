/**
 * Children that talk with each other, by way of the master's IPC. A child asks one thing at a time and waits
 * for the answer, which for a broadcast comes when it is on its way to all: so nobody can make the master
 * owe more than one broadcast, and what one sends comes to each in its order. Nobody waits for one that does
 * not keep up: mailbox.ts.
 */
import type { PendingRequest, Marked, MasterMessage, Member } from "../channel/messages.ts";
import type { Room } from "../../shared/master.ts";
import { type Mailbox, createMailbox, type OutgoingMessage, measureMessage } from "./mailbox.ts";
import type { Session } from "./table.ts";

export interface Rooms {
  /** Takes what a session's child asks; false if it has not read the answer before. */
  ask(session: Session, asked: PendingRequest): boolean;
  /** The child has dealt with its messages until this mark; false if that cannot be. */
  heard(session: Session, mark: number): boolean;
  /** The session is over. */
  leave(session: Session): void;
  /** The fullest first. */
  list(): Room[];
}

/** How a session's child is reached. */
export interface RoomTransport {
  /** Gives it a message, if it can still be reached. */
  send(session: Session, message: Marked<MasterMessage>): void;
  /** To send has failed, and is not tried again. */
  broken(session: Session, error: unknown): void;
}

/** So many messages are sent in one turn of the event loop; in the next one others have theirs. */
const SLICE = 100;

/** A session that has asked for something at least once. */
interface Seat {
  mailbox: Mailbox;
  /** Null until it has entered a room: so long it says nothing to anybody, and nobody to it. */
  stay: Stay | null;
}

/** A seat's time in one room under one name; when it enters again, that is another. */
interface Stay {
  seat: Seat;
  member: Member;
}

/** One message on its way to many. */
interface Delivery {
  parcel: OutgoingMessage;
  to: readonly Stay[];
  /** How many have been seen to. */
  next: number;
  done(): void;
}

export function createRooms({ send, broken }: RoomTransport): Rooms {
  const seats = new Map<string, Seat>();
  const rooms = new Map<string, Set<Stay>>();
  const underWay: Delivery[] = [];

  function seatOf(session: Session): Seat {
    const known = seats.get(session.id);
    if (known !== undefined) return known;
    const mailbox = createMailbox(
      (message) => send(session, message),
      (error) => broken(session, error),
    );
    const seat: Seat = { mailbox, stay: null };
    seats.set(session.id, seat);
    return seat;
  }

  function enter(seat: Seat, member: Member): void {
    const { room, name } = member;
    const isTaken = staysIn(room).some((one) => one.seat !== seat && one.member.name === name);
    if (isTaken) return seat.mailbox.answer(false);
    leaveRoom(seat);
    const stay = { seat, member };
    seat.stay = stay;
    rooms.set(room, (rooms.get(room) ?? new Set()).add(stay));
    tellOthers(stay, { type: "joined", member }, () => seat.mailbox.answer(true));
  }

  function staysIn(room: string): Stay[] {
    return [...(rooms.get(room) ?? [])];
  }

  function leaveRoom(seat: Seat): void {
    const { stay } = seat;
    if (stay === null) return;
    seat.stay = null;
    const { room } = stay.member;
    const there = rooms.get(room);
    there?.delete(stay);
    if (there?.size === 0) rooms.delete(room);
    tellOthers(stay, { type: "left", member: stay.member });
  }

  /** Sends to all others in its room, in this turn or in later ones; `done` is told their number. */
  function tellOthers(stay: Stay, message: MasterMessage, done?: (count: number) => void): void {
    const to = staysIn(stay.member.room).filter((other) => other !== stay);
    underWay.push({ parcel: measureMessage(message), to, next: 0, done: () => done?.(to.length) });
    if (underWay.length === 1) goOn();
  }

  function goOn(): void {
    let left = SLICE;
    for (let first = underWay[0]; first !== undefined; first = underWay[0]) {
      const slice = first.to.slice(first.next, first.next + left);
      for (const stay of slice) {
        // Who has gone elsewhere meanwhile is not told there what was said here.
        if (stay.seat.stay === stay) stay.seat.mailbox.pass(first.parcel);
      }
      first.next += slice.length;
      left -= slice.length;
      if (first.next < first.to.length) return void setImmediate(goOn);
      underWay.shift();
      first.done();
    }
  }

  function broadcast({ stay, mailbox }: Seat, json: string): void {
    if (stay === null) return mailbox.answer(0);
    tellOthers(stay, messageOf(stay, json), (count) => mailbox.answer(count));
  }

  function sendTo(to: Stay | null, { stay, mailbox }: Seat, json: string): void {
    if (to === null || stay === null) return mailbox.answer(false);
    to.seat.mailbox.pass(measureMessage(messageOf(stay, json)));
    mailbox.answer(true);
  }

  function messageOf({ member }: Stay, json: string): MasterMessage {
    return { type: "message", from: member, json };
  }

  return {
    ask(session, asked) {
      const seat = seatOf(session);
      if (!seat.mailbox.ask(asked.after)) return false;
      switch (asked.what) {
        case "enter":
          enter(seat, { id: session.id, name: asked.name, room: asked.room });
          break;
        case "who":
          seat.mailbox.answer(staysIn(asked.room).map(({ member }) => member));
          break;
        case "broadcast":
          broadcast(seat, asked.json);
          break;
        case "send":
          sendTo(seats.get(asked.to)?.stay ?? null, seat, asked.json);
      }
      return true;
    },
    heard: (session, mark) => seats.get(session.id)?.mailbox.heard(mark) ?? false,
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
