/**
 * Children that talk to each other, through their channels to the master. A child makes one request
 * at a time and waits for the reply; to a broadcast it comes when the message has been sent to all.
 * So no child can make the master owe more than one broadcast, and what one sends arrives in order.
 * A child that does not keep up delays nobody: see channel-writer.ts.
 */
import type { Room } from "../../shared/master.ts";
import type { Channel } from "../channel/channel.ts";
import {
  encodeMessage,
  type MasterMessage,
  type Member,
  type RoomReply,
  type RoomRequest,
} from "../channel/messages.ts";
import { createDeliveryQueue } from "./delivery.ts";
import type { Session } from "./session.ts";

export interface Rooms {
  /**
   * Handles a request of a session's child. Its channel handles no other
   * until the child has the reply.
   */
  request(session: Session, request: RoomRequest): void;
  /** Removes a session that has ended. */
  leave(session: Session): void;
  /** Returns the rooms, fullest first. */
  list(): Room[];
}

/** How children are sent messages. */
export type RoomChannel = Pick<Channel, "awaitReply" | "reply" | "deliver">;

/** A session that has made at least one request. */
interface Participant {
  session: Session;
  /** Null until it enters a room: until then it cannot send to others, nor they to it. */
  membership: Membership | null;
}

/**
 * A participant's time in one room under one name. When it enters again,
 * that is another membership.
 */
interface Membership {
  participant: Participant;
  member: Member;
}

/**
 * `channelOf` returns the channel of a session's child; null for a program, which makes no request.
 */
export function createRooms(channelOf: (session: Session) => RoomChannel | null): Rooms {
  const participants = createParticipants();
  const rooms = createRoomTable();
  const deliver = createDeliveryQueue(deliverIfCurrent);

  function reply({ session }: Participant, value: RoomReply): void {
    channelOf(session)?.reply(encodeMessage({ type: "reply", value }));
  }

  /** A recipient that has left the room since the message was sent does not get it. */
  function deliverIfCurrent(membership: Membership, line: Buffer): void {
    const { participant } = membership;
    if (participant.membership === membership) channelOf(participant.session)?.deliver(line);
  }

  /**
   * Sends a message to all others in the sender's room, now or in later turns;
   * `onSent` gets their number.
   */
  function sendToOthers(
    sender: Membership,
    message: MasterMessage,
    onSent: (count: number) => void = () => {},
  ): void {
    const others = rooms.membershipsIn(sender.member.room).filter((other) => other !== sender);
    deliver(encodeMessage(message), others, () => onSent(others.length));
  }

  function leaveRoom(participant: Participant): void {
    const { membership } = participant;
    if (membership === null) return;
    participant.membership = null;
    rooms.remove(membership);
    sendToOthers(membership, { type: "left", member: membership.member });
  }

  function enter(participant: Participant, member: Member): void {
    if (rooms.isTaken(member, participant)) return reply(participant, false);
    leaveRoom(participant);
    const membership = { participant, member };
    participant.membership = membership;
    rooms.add(membership);
    sendToOthers(membership, { type: "joined", member }, () => reply(participant, true));
  }

  function broadcast(participant: Participant, json: string): void {
    const { membership } = participant;
    if (membership === null) return reply(participant, 0);
    const message = { type: "message", from: membership.member, json } as const;
    sendToOthers(membership, message, (count) => reply(participant, count));
  }

  function sendToOne(to: Membership | null, participant: Participant, json: string): void {
    const { membership } = participant;
    if (to === null || membership === null) return reply(participant, false);
    deliverIfCurrent(to, encodeMessage({ type: "message", from: membership.member, json }));
    reply(participant, true);
  }

  return {
    request(session, request) {
      channelOf(session)?.awaitReply();
      const participant = participants.of(session);
      switch (request.what) {
        case "enter":
          return enter(participant, { id: session.id, name: request.name, room: request.room });
        case "who":
          return reply(participant, rooms.membersOf(request.room));
        case "broadcast":
          return broadcast(participant, request.json);
        case "send":
          sendToOne(participants.get(request.to)?.membership ?? null, participant, request.json);
      }
    },
    leave(session) {
      const participant = participants.remove(session.id);
      if (participant !== undefined) leaveRoom(participant);
    },
    list: rooms.list,
  };
}

/** The participants, by session ID. */
function createParticipants() {
  const participants = new Map<string, Participant>();

  return {
    get: (id: string) => participants.get(id),
    /** Returns the session's participant, a new one for its first request. */
    of(session: Session): Participant {
      const participant = participants.get(session.id) ?? { session, membership: null };
      participants.set(session.id, participant);
      return participant;
    },
    remove(id: string): Participant | undefined {
      const participant = participants.get(id);
      participants.delete(id);
      return participant;
    },
  };
}

/** The memberships of each room. A room exists while it has any. */
function createRoomTable() {
  const rooms = new Map<string, Set<Membership>>();
  const membershipsIn = (room: string) => [...(rooms.get(room) ?? [])];

  return {
    membershipsIn,
    membersOf: (room: string) => membershipsIn(room).map(({ member }) => member),
    /** Whether a participant other than this one has the member's name in its room. */
    isTaken: ({ room, name }: Member, participant: Participant) =>
      membershipsIn(room).some(
        (other) => other.participant !== participant && other.member.name === name,
      ),
    add(membership: Membership): void {
      const { room } = membership.member;
      rooms.set(room, (rooms.get(room) ?? new Set()).add(membership));
    },
    remove(membership: Membership): void {
      const { room } = membership.member;
      const memberships = rooms.get(room);
      memberships?.delete(membership);
      if (memberships?.size === 0) rooms.delete(room);
    },
    list: (): Room[] =>
      Array.from(rooms, ([name, { size }]) => ({ name, size })).sort((a, b) => b.size - a.size),
  };
}
