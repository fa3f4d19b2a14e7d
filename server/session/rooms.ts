/**
 * Children that talk to each other, through their channels to the master. A child makes one request at a time and
 * waits for the reply; to a broadcast it comes when the message has been sent to all. So no child can make the
 * master owe more than one broadcast, and what one sends arrives in order. A child that does not keep up delays
 * nobody: see mailbox.ts.
 */
import type { Room } from "../../shared/master.ts";
import type { Marked, MasterMessage, Member, PendingRequest } from "../channel/messages.ts";
import { createDeliveryQueue } from "./delivery.ts";
import { createMailbox, type Mailbox, measureMessage, type OutgoingMessage } from "./mailbox.ts";
import type { Session } from "./session.ts";

export interface Rooms {
  /** Handles a request of a session's child. @returns false if the child has not read the last reply */
  request(session: Session, request: PendingRequest): boolean;
  /** The child has read its messages up to this mark. @returns false if that cannot be */
  acknowledge(session: Session, mark: number): boolean;
  /** Removes a session that has ended. */
  leave(session: Session): void;
  /** Returns the rooms, fullest first. */
  list(): Room[];
}

/** How a session's child is sent a message. */
export interface RoomTransport {
  send(session: Session, message: Marked<MasterMessage>): void;
  /** `send` has thrown; it is not called for this session again. */
  onFailed(session: Session, error: unknown): void;
}

/** A session that has made at least one request. */
interface Participant {
  mailbox: Mailbox;
  /** Null until it enters a room: until then it cannot send to others, nor they to it. */
  membership: Membership | null;
}

/** A participant's time in one room under one name. When it enters again, that is another membership. */
interface Membership {
  participant: Participant;
  member: Member;
}

export function createRooms(transport: RoomTransport): Rooms {
  const participants = createParticipants(transport);
  const rooms = createRoomTable();
  const deliver = createDeliveryQueue(deliverIfCurrent);

  /** Sends a message to all others in the sender's room, now or in later turns; `onSent` gets their number. */
  function sendToOthers(
    sender: Membership,
    message: MasterMessage,
    onSent: (count: number) => void = () => {},
  ): void {
    const others = rooms.membershipsIn(sender.member.room).filter((other) => other !== sender);
    deliver(measureMessage(message), others, () => onSent(others.length));
  }

  function leaveRoom(participant: Participant): void {
    const { membership } = participant;
    if (membership === null) return;
    participant.membership = null;
    rooms.remove(membership);
    sendToOthers(membership, { type: "left", member: membership.member });
  }

  function enter(participant: Participant, member: Member): void {
    const { mailbox } = participant;
    if (rooms.isTaken(member, participant)) return mailbox.reply(false);
    leaveRoom(participant);
    const membership = { participant, member };
    participant.membership = membership;
    rooms.add(membership);
    sendToOthers(membership, { type: "joined", member }, () => mailbox.reply(true));
  }

  function broadcast({ membership, mailbox }: Participant, json: string): void {
    if (membership === null) return mailbox.reply(0);
    const message = { type: "message", from: membership.member, json } as const;
    sendToOthers(membership, message, (count) => mailbox.reply(count));
  }

  return {
    request(session, request) {
      const participant = participants.of(session);
      if (!participant.mailbox.request(request.after)) return false;
      switch (request.what) {
        case "enter":
          enter(participant, { id: session.id, name: request.name, room: request.room });
          break;
        case "who":
          participant.mailbox.reply(rooms.membersOf(request.room));
          break;
        case "broadcast":
          broadcast(participant, request.json);
          break;
        case "send":
          sendToOne(participants.get(request.to)?.membership ?? null, participant, request.json);
      }
      return true;
    },
    acknowledge: (session, mark) =>
      participants.get(session.id)?.mailbox.acknowledge(mark) ?? false,
    leave(session) {
      const participant = participants.remove(session.id);
      if (participant !== undefined) leaveRoom(participant);
    },
    list: rooms.list,
  };
}

/** The participants, by session ID. */
function createParticipants({ send, onFailed }: RoomTransport) {
  const participants = new Map<string, Participant>();

  return {
    get: (id: string) => participants.get(id),
    /** Returns the session's participant, a new one for its first request. */
    of(session: Session): Participant {
      const known = participants.get(session.id);
      if (known !== undefined) return known;
      const mailbox = createMailbox(
        (message) => send(session, message),
        (error) => onFailed(session, error),
      );
      const participant: Participant = { mailbox, membership: null };
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

/** A recipient that has left the room since the message was sent does not get it. */
function deliverIfCurrent(membership: Membership, outgoing: OutgoingMessage): void {
  const { participant } = membership;
  if (participant.membership === membership) participant.mailbox.deliver(outgoing);
}

function sendToOne(to: Membership | null, { membership, mailbox }: Participant, json: string) {
  if (to === null || membership === null) return mailbox.reply(false);
  const message = { type: "message", from: membership.member, json } as const;
  to.participant.mailbox.deliver(measureMessage(message));
  mailbox.reply(true);
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
