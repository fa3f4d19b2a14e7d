/**
 * The load generator: `bun load.ts LOAD JOB` takes the job as JSON and prints the result
 * as JSON. It is a separate process, so that it shares an event loop neither with a
 * contestant nor with the benchmark.
 */
import { burst } from "./loads/burst.ts";
import { chat } from "./loads/chat.ts";
import { echo } from "./loads/echo.ts";
import { many } from "./loads/many.ts";
import { memory } from "./loads/memory.ts";
import { paced } from "./loads/paced.ts";
import { watched } from "./loads/watched.ts";

const LOADS = { paced, burst, echo, memory, many, chat, watched };

export type Loads = typeof LOADS;

const [load = "", job = ""] = process.argv.slice(2);
try {
  const run = LOADS[load as keyof Loads] as (job: unknown) => Promise<unknown>;
  await Bun.write(Bun.stdout, JSON.stringify(await run(JSON.parse(job))));
} catch (error) {
  await Bun.write(Bun.stderr, error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
process.exit(); // some connections may still be open
