/**
 * The thread that starts the children. It confines itself once (confine/sandbox.ts): in Linux, most
 * confinement belongs to a thread, and what the thread starts inherits it. So confining a child
 * costs nothing, and the master isn't confined.
 *
 * It handles one call at a time, and the master waits for the reply. It reaps what it has started,
 * so it alone can signal a process without ever reaching another one that has got the same PID
 * since.
 */
import { readlinkSync } from "node:fs";
import { basename } from "node:path";
import { workerData } from "node:worker_threads";
import { asError } from "../../shared/as-error.ts";
import { errorCode } from "../../shared/error-code.ts";
import { confineThread } from "../confine/sandbox-thread.ts";
import {
  HEADER_BYTES,
  REPLIED,
  type ProcessReaped,
  REPLY_BYTES_INDEX,
  type SpawnCall,
  type SpawnReply,
  type SpawnResults,
  STATE_INDEX,
  THREAD_ID_INDEX,
} from "./spawn-calls.ts";
import { type ProcessOptions, type StartedProcess, startProcess } from "./processes.ts";

declare const self: Worker;

const shared = workerData as SharedArrayBuffer;
const header = new Int32Array(shared, 0, HEADER_BYTES / Int32Array.BYTES_PER_ELEMENT);
const replyText = Buffer.from(shared, HEADER_BYTES);
const processes = new Map<number, StartedProcess>();

self.onmessage = ({ data }: MessageEvent<string>) => reply(handle(JSON.parse(data) as SpawnCall));
header[THREAD_ID_INDEX] = Number(basename(readlinkSync("/proc/thread-self")));
reply({ result: true }); // this thread listens

function reply(message: SpawnReply): void {
  header[REPLY_BYTES_INDEX] = replyText.write(JSON.stringify(message));
  Atomics.store(header, STATE_INDEX, REPLIED);
  Atomics.notify(header, STATE_INDEX);
}

function handle(call: SpawnCall): SpawnReply {
  try {
    return { result: run(call) };
  } catch (thrown) {
    const error = asError(thrown);
    return { error: { name: error.name, message: error.message, code: errorCode(error) ?? null } };
  }
}

function run(call: SpawnCall): SpawnResults[SpawnCall["type"]] {
  switch (call.type) {
    case "confine":
      return confineThread(call.plan);
    case "start":
      return start(call.key, call.options);
    case "kill":
      return processes.get(call.key)?.kill(call.signal) ?? false;
  }
}

function start(key: number, options: ProcessOptions): SpawnResults["start"] {
  const started = startProcess(options, (exit) => {
    processes.delete(key);
    self.postMessage(JSON.stringify({ key, ...exit } satisfies ProcessReaped));
  });
  processes.set(key, started);
  return { pid: started.pid, sockets: started.sockets };
}
