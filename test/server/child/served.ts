/** Checks that a client is served by the time service. */
import { expect } from "bun:test";
import type { Client } from "../../harness/connect.ts";

export async function expectServed(client: Client): Promise<void> {
  await client.send("time\n");
  expect(await client.readUntil("\n")).toMatch(/^[\d/]{10} [\d:]{8}\n$/);
}
