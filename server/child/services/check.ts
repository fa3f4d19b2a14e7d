/** Checks that what a module exports is a service. */
import type { Service } from "../../service.ts";

const MEMBERS = [
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

/** Returns the value if it is a service. @throws {Error} that says what is wrong with it. */
export function checkService(value: unknown): Service<unknown> {
  if (typeof value !== "object" || value === null) {
    throw new Error("its default export is not a service({ … })");
  }
  const members = Object.entries(value);
  for (const [name, member] of members) {
    if (!MEMBERS.some((known) => known === name)) {
      throw new Error(`${name} is not a handler; the handlers are ${MEMBERS.join(", ")}`);
    }
    if (typeof member !== "function") throw new Error(`${name} is not a function`);
  }
  if (!members.some(([name]) => name === "open" || name === "line" || name === "bytes")) {
    throw new Error("a service has at least one of open, line and bytes");
  }
  if ("line" in value && "bytes" in value) throw new Error("a service has line or bytes, not both");
  return value as Service<unknown>;
}
