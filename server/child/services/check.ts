/** Looks whether what a module exports is a service. */
import type { Service } from "../../service.ts";

const HANDLERS = [
  "state",
  "open",
  "line",
  "bytes",
  "leave",
  "message",
  "joined",
  "left",
  "lost",
] as const satisfies (keyof Service)[];

/** @throws an error that says what is wrong with it. */
export function checkService(value: unknown): Service<unknown> {
  if (typeof value !== "object" || value === null) {
    throw new Error("its default export is no service({ … })");
  }
  const handlers = Object.entries(value);
  for (const [name, handler] of handlers) {
    if (!HANDLERS.some((known) => known === name)) {
      throw new Error(`${name} is no handler of a service; there are ${HANDLERS.join(", ")}`);
    }
    if (typeof handler !== "function") throw new Error(`${name} is no function`);
  }
  if (!handlers.some(([name]) => name === "open" || name === "line" || name === "bytes")) {
    throw new Error("a service has at least one of open, line and bytes");
  }
  if ("line" in value && "bytes" in value) throw new Error("a service has line or bytes, not both");
  return value as Service<unknown>;
}
