/** Server-sent events as they go over the wire: https://html.spec.whatwg.org/multipage/server-sent-events.html */

export interface Message {
  /** None: the unnamed event, which htmx takes by itself. */
  event?: string;
  id?: string;
  data: string;
}

/** A place in a log: whose it is (a master's instance, or a session's id) and an entry's number. */
export function eventId(log: string, seq: number): string {
  return `${log}:${seq}`;
}

/** The number in a place as a reader says it again (Last-Event-ID); 0 if it is in another log, or none at all. */
export function parseEventId(log: string, place: string): number {
  const [of, seq = ""] = place.split(":");
  return of === log && /^\d{1,15}$/.test(seq) ? Number(seq) : 0;
}

/** In data each new line begins anew, so that nothing in it can pass for a message of its own. */
export function frame({ event, id, data }: Message): string {
  const name = event === undefined ? "" : `event: ${event}\n`;
  const place = id === undefined ? "" : `id: ${id}\n`;
  return `${name}data: ${data.replace(/\r\n|\r|\n/g, "\ndata: ")}\n${place}\n`;
}
