/**
 * Makes the system calls that the arguments name, one after the other, and prints "done" or the
 * first error. Calls are separated by "/". Attempts are separated by ";", and each prints a line.
 * An operand is a number, text (`text:…`), an IPv4 address of loopback (`port:N`), an abstract Unix
 * socket (`abstract:NAME`), no address (`nowhere`), or what the first call returned (`first`).
 */
import { ptr } from "bun:ffi";
import type { SystemCallName } from "../../../server/os/system-call-numbers.ts";
import { SystemCallError, openSystemCalls } from "../../../server/os/system-calls.ts";

/** What the calls of the attempt have returned. */
let results: number[] = [];
/** So that the addresses of what is in it stay valid. */
const memory: Buffer[] = [];

function operand(word: string): number {
  if (word === "first") return results[0] ?? -1;
  const [kind, value] = word.split(":");
  if (value === undefined && kind !== "nowhere") return Number(word);
  const bytes = contents(kind ?? "", value ?? "");
  memory.push(bytes);
  return ptr(bytes);
}

/** Addresses are as in sockaddr(3type), ip(7) and unix(7). */
function contents(kind: string, value: string): Buffer {
  if (kind === "text") return Buffer.from(`${value}\0`);
  if (kind === "nowhere") return Buffer.alloc(16);
  if (kind === "abstract") return Buffer.from([1, 0, 0, ...Buffer.from(value)]);
  const port = Number(value);
  return Buffer.from([2, 0, port >> 8, port & 255, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
}

function outcome(calls: string[][]): string {
  const { call } = openSystemCalls();
  results = [];
  for (const [name = "", ...words] of calls) {
    const [a, b, c, d, e] = words.map(operand);
    const result = call(name as SystemCallName, a, b, c, d, e);
    if (result instanceof SystemCallError && result.code !== "EINPROGRESS") return result.code;
    results.push(typeof result === "number" ? result : -1);
  }
  return "done";
}

for (const attempt of process.argv.slice(2).join(" ").split(" ; ")) {
  console.log(outcome(attempt.split(" / ").map((words) => words.split(" "))));
}
