/** Server-sent events as they go over the wire: https://html.spec.whatwg.org/multipage/server-sent-events.html */

export interface Message {
  /** Of one word; none: the unnamed event, which htmx takes by itself. */
  event?: string;
  id?: string;
  data: string;
}

/** In data each new line begins anew, so that nothing in it can pass for a message of its own. */
export function frame({ event, id, data }: Message): string {
  const name = event === undefined ? "" : `event: ${event}\n`;
  const place = id === undefined ? "" : `id: ${id}\n`;
  return `${name}data: ${data.replace(/\r\n|\r|\n/g, "\ndata: ")}\n${place}\n`;
}
