/**
 * The wire format of server-sent events:
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */

export interface Message {
  /** Absent: the unnamed event, which htmx handles by itself. */
  event?: string;
  id?: string;
  data: string;
}

/** The ID of a log entry's event. `log` is a master's instance or a session's ID. */
export function eventId(log: string, seq: number): string {
  return `${log}:${seq}`;
}

/** The entry number in a Last-Event-ID header; 0 if it is of another log, or invalid. */
export function parseEventId(log: string, lastEventId: string): number {
  const [owner, seq = ""] = lastEventId.split(":");
  return owner === log && /^\d{1,15}$/.test(seq) ? Number(seq) : 0;
}

/** Each line of `data` gets its own field, so that nothing in it can pass for another message. */
export function frame({ event, id, data }: Message): string {
  const eventLine = event === undefined ? "" : `event: ${event}\n`;
  const idLine = id === undefined ? "" : `id: ${id}\n`;
  return `${eventLine}data: ${data.replace(/\r\n|\r|\n/g, "\ndata: ")}\n${idLine}\n`;
}
