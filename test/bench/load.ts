/**
 * The load generator: `bun load.ts LOAD JOB`, the job as JSON; the result as JSON on stdout. A
 * process of its own, so that it shares an event loop with no contestant and not with the bench.
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
process.exit(); // there may be connections on which nothing comes any more
