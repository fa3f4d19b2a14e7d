/** The client as a service sees it: the `Client` of server/service.ts. */
import { isName, MAX_JSON_CHARS, MAX_NAME_CHARS } from "../../channel/messages.ts";
import { utf8AsLatin1 } from "../../channel/print.ts";
import type { Reporter } from "../../channel/report.ts";
import type { Client, Message } from "../../service.ts";
import type { Talk } from "../talk.ts";
import type { Connection } from "./byte-service.ts";

export interface ClientIdentity {
  id: string;
  address: string;
  port: number;
}

/** A client whose state can still be set. */
export type HostedClient = Omit<Client<unknown>, "state"> & { state: unknown };

/** `onWrite` is called after each write. */
export function createHostedClient(
  identity: ClientIdentity,
  connection: Connection,
  talk: Talk,
  report: Reporter,
  signal: AbortSignal,
  onWrite: () => void,
): HostedClient {
  let currentRoom = "";
  return {
    ...identity,
    state: undefined,
    signal,
    write(data) {
      connection.send(copyOf(data));
      onWrite();
      return connection.drained();
    },
    end(data) {
      if (data !== undefined) connection.send(copyOf(data));
      connection.finish("ended by service");
    },
    log: (text) => report.print(utf8AsLatin1(text)),
    async enter(room, name) {
      if (!isName(room) || !isName(name)) {
        throw new RangeError(`a name is one clean line of 1 to ${MAX_NAME_CHARS} characters`);
      }
      const entered = await talk.enter(room, name);
      if (entered) currentRoom = room;
      return entered;
    },
    who: (room = currentRoom) => talk.who(room),
    broadcast: (message) => talk.broadcast(jsonOf(message)),
    send: (to, message) => talk.send(to, jsonOf(message)),
  };
}

/** A copy: what cannot be sent at once is queued, and the service may reuse its bytes. */
function copyOf(data: string | Uint8Array): Buffer {
  return Buffer.from(data);
}

function jsonOf(message: Message): string {
  const json = JSON.stringify(message) as string | undefined;
  if (json === undefined) throw new TypeError("a message must be something that JSON can express");
  if (json.length <= MAX_JSON_CHARS) return json;
  throw new RangeError(`a message has at most ${MAX_JSON_CHARS} characters as JSON`);
}
