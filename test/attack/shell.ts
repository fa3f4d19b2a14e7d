/** A shell as a client has it, with `--exec bash`, in a terminal, or from a module that runs each line. */
import type { Client } from "../harness/connect.ts";

/** Runs a command as the client, and returns what it prints, and its exit status. */
export async function shell(
  client: Client,
  command: string,
): Promise<{ output: string; status: number }> {
  // A terminal echoes the input, where the markers are not what printf makes of them.
  await client.send(`printf 'be''gin\\n'; (${command}) 2>&1; printf 'status:%s:e''nd\\n' $?\n`);
  const text = await client.readUntil(":end");
  const [, output = "", status = ""] = /begin\r?\n([^]*)status:(\d+):end$/.exec(text) ?? [];
  return { output: output.replaceAll("\r", ""), status: Number(status) };
}
