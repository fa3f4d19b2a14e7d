/**
 * The state of the page's stream, shown prominently: an operator must know whether
 * what they see is current.
 */
import { element } from "./dom.ts";
import { lastLogEventId } from "./log.ts";

/**
 * paused and ended are set by the server or by `endStream`, and last until
 * another page or view is loaded.
 */
type State = "connecting" | "live" | "reconnecting" | "paused" | "ended";

/**
 * The server sends something every 2 s; after this long without a message the stream is
 * broken, whatever TCP says.
 */
const SILENCE_TIMEOUT_MS = 5000;

const SILENCE_CHECK_INTERVAL_MS = 1000;

interface HtmxContext {
  request: { action: string; headers: Record<string, string> };
}

let lastMessageAt = 0;

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
  // Each new stream resumes at the end of the log on this page.
  document.addEventListener("htmx:config:request", (event) => {
    const { request } = (event as CustomEvent<{ ctx: HtmxContext }>).detail.ctx;
    if (/\/events(\?|$)/.test(request.action)) request.headers["Last-Event-ID"] = lastLogEventId();
  });
  setInterval(() => {
    const silentMs = performance.now() - lastMessageAt;
    if (state() === "live" && silentMs > SILENCE_TIMEOUT_MS) setState("reconnecting");
  }, SILENCE_CHECK_INTERVAL_MS);
}

/** Calls `onData` with the data of each server-sent event of that name. */
export function onEvent(name: string, onData: (data: string) => void): void {
  document.addEventListener(name, (event) => {
    onData((event as CustomEvent<{ data: string }>).detail.data);
  });
}

/** Shows that the session has ended and nothing more will come. */
export function endStream(): void {
  element("live").dataset.state = "ended" satisfies State;
}

function listen(name: string, listener: () => void): void {
  document.addEventListener(name, listener);
}

function state(): string {
  return element("live").dataset.state ?? "";
}

/** Does nothing while the page is paused or its session has ended. */
function setState(next: State): void {
  if (next === "live") lastMessageAt = performance.now();
  if (!["paused", "ended"].includes(state())) element("live").dataset.state = next;
}
