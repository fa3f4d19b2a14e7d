/**
 * A process whose thread confines itself and then starts a program, as the master's does. Its argument is a
 * ConfinedRun; it prints a ConfinedResult.
 */
import type { ConfinedResult } from "./confined.ts";

const thread = new Worker(new URL("./confined-thread.ts", import.meta.url).href);
const result = Promise.withResolvers<ConfinedResult>();
thread.onmessage = ({ data }: MessageEvent<ConfinedResult>) => result.resolve(data);
thread.onerror = ({ message }) => result.reject(new Error(message));
thread.postMessage(process.argv[2]);
process.stdout.write(JSON.stringify(await result.promise));
process.exit(0);
