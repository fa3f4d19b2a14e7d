/** The stream's state, in sight: whoever acts on what is shown must know whether it is of now. */
import { element } from "./dom.ts";
import { logPosition } from "./log.ts";

type State = "connecting" | "live" | "reconnecting" | "ended";

/** News come every other second; after this long (ms) without any the stream is broken, whatever TCP says. */
const SILENCE = 5000;

let lastNews = 0;

export function watchStream(): void {
  const log = element("log");
  log.scrollTop = log.scrollHeight;

  listen("htmx:sse:before:connection", () => {
    if (state() === "live") setState("reconnecting");
  });
  listen("htmx:sse:after:connection", () => setState("live"));
  listen("htmx:sse:after:message", () => setState("live"));
  listen("htmx:sse:error", () => setState("reconnecting"));
  listen("htmx:error", () => setState("reconnecting"));
  // Each new stream goes on where the log on this page ends.
  document.addEventListener("htmx:config:request", (event) => {
    const { request } = (event as CustomEvent<{ ctx: HtmxContext }>).detail.ctx;
    if (/\/events(\?|$)/.test(request.action)) request.headers["Last-Event-ID"] = logPosition();
  });
  setInterval(() => {
    if (state() === "live" && performance.now() - lastNews > SILENCE) setState("reconnecting");
  }, 1000);
}

/** Calls `take` with the data of each server-sent event of that name. */
export function onEvent(name: string, take: (data: string) => void): void {
  document.addEventListener(name, (event) => {
    take((event as CustomEvent<{ data: string }>).detail.data);
  });
}

interface HtmxContext {
  request: { action: string; headers: Record<string, string> };
}

function listen(name: string, act: () => void): void {
  document.addEventListener(name, act);
}

function state(): string {
  return element("live").dataset.state ?? "";
}

/** What the stream was about is over, and no news will come. */
export function endStream(): void {
  element("live").dataset.state = "ended";
}

/** A page that was paused stays so until its reader resumes it; what has ended does not begin again. */
function setState(next: State): void {
  if (next === "live") lastNews = performance.now();
  if (!["paused", "ended"].includes(state())) element("live").dataset.state = next;
}
