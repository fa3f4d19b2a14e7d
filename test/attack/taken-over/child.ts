/**
 * A child that was taken over: for each line of its client's, the targets as JSON, it sends the
 * outcomes of all attempts.
 */
import { readSync, writeSync } from "node:fs";
import { CLIENT_FD } from "../../../server/channel/child-start.ts";
import { errorCode } from "../../../shared/error-code.ts";
import { attackAll, type Targets } from "./attack.ts";

for (let line = readLine(); line !== null; line = readLine()) {
  writeSync(CLIENT_FD, `${JSON.stringify(attackAll(JSON.parse(line) as Targets))}\n`);
}
process.exit(0);

/** Returns null at the end of the connection. */
function readLine(): string | null {
  let text = "";
  const bytes = Buffer.alloc(4096);
  while (!text.endsWith("\n")) {
    try {
      const length = readSync(CLIENT_FD, bytes);
      if (length === 0) return null;
      text += bytes.toString("utf8", 0, length);
    } catch (error) {
      if (errorCode(error) !== "EAGAIN") throw error;
      Bun.sleepSync(1);
    }
  }
  return text;
}
