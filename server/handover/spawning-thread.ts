/**
 * Starts the thread that starts the children (spawn-worker.ts), and calls it. The master
 * waits for each reply. Starting a process this way takes 0.2 ms longer, but keeps the
 * master's code sequential.
 */
import type { SandboxOutcome, SandboxPlan } from "../confine/sandbox.ts";
import { canOpenDescriptors } from "../os/descriptor-exhaustion.ts";
import { threadErrorText } from "../../shared/thread-error.ts";
import { openOutputPairs } from "../os/output-pair.ts";
import { createOutputs } from "./outputs.ts";
import type { Processes, ProcessExit } from "./processes.ts";
import { thisEntry } from "./program.ts";
import { freesStoppedStarts } from "./stopped-start.ts";
import {
  type CallError,
  HEADER_BYTES,
  PENDING,
  type ProcessReaped,
  REPLY_BYTES_INDEX,
  SHARED_BYTES,
  type SpawnCall,
  type SpawnReply,
  type SpawnResults,
  STATE_INDEX,
  THREAD_ID_INDEX,
} from "./spawn-calls.ts";

type ThreadState = "starting" | "listening" | "failed" | "ended";

/**
 * A thread that takes longer to reply is stuck: starting a process takes some
 * milliseconds on a busy machine.
 */
const REPLY_TIMEOUT_MS = 30_000;

/**
 * How many descriptors a thread needs to start. With fewer, Bun would end this process: "bun ran
 * out of file descriptors".
 */
const MIN_DESCRIPTORS = 16;

/** How often the master sees, while it waits, whether something keeps the thread from replying. */
const CHECK_INTERVAL_MS = 10;

/**
 * Starts processes in a thread. The confinement of a thread cannot be changed later, so each
 * further plan needs another thread. If that one cannot be confined as far as the first, an error
 * is thrown, and the thread before it remains in use. `onFailed` is called if a thread ends, or
 * does not reply: then its processes cannot be signalled or reaped any more.
 * `warn` is called for a process that another one has stopped before it was started.
 */
export function spawnInThread(
  onFailed: (error: Error) => void,
  warn: (message: string) => void,
): Processes {
  let thread = startThread(onFailed, warn);
  let gaps: SandboxOutcome | null = null;

  /** Its children are reaped by the thread that started them. */
  function confineAnother(plan: SandboxPlan, known: SandboxOutcome): SandboxOutcome {
    if (!canOpenDescriptors(MIN_DESCRIPTORS)) {
      const message = "EMFILE: no descriptors for a thread to start children";
      throw Object.assign(new Error(message), { code: "EMFILE" });
    }
    const next = startThread(onFailed, warn);
    try {
      const outcome = next.confine(plan);
      const reasons = outcome.map(({ what, reason }) => `${what}: ${reason}`);
      if (outcome.length > known.length) throw new Error(`no sandbox: ${reasons.join("; ")}`);
      thread.close();
      thread = next;
      return outcome;
    } finally {
      if (thread !== next) next.close();
    }
  }

  return {
    start: (options, onExit) => thread.start(options, onExit),
    confine(plan) {
      gaps = gaps === null ? thread.confine(plan) : confineAnother(plan, gaps);
      return gaps;
    },
    close: () => thread.close(),
  };
}

function startThread(onFailed: (error: Error) => void, warn: (message: string) => void): Processes {
  const running = new Map<number, { pid: number; onExited: (exit: ProcessExit) => void }>();
  const makePair = openOutputPairs();
  let isClosed = false;
  let lastKey = 0;

  const isStarted = (pid: number) => running.values().some((started) => started.pid === pid);
  const onReaped = ({ key, ...exit }: ProcessExit & { key: number }) => {
    const ended = running.get(key);
    running.delete(key);
    ended?.onExited(exit);
    endIfIdle();
  };
  const thread = createThread(onReaped, onFailed, freesStoppedStarts(isStarted, warn));

  /** A closed thread still reaps what it has started. */
  function endIfIdle(): void {
    if (isClosed && running.size === 0) thread.end();
  }

  return {
    confine: (plan) => thread.call({ type: "confine", plan }),
    start(options, onExited) {
      lastKey += 1;
      const key = lastKey;
      const outputs = createOutputs(options.stdio, makePair);
      try {
        const { stdio } = outputs;
        const { pid, sockets } = thread.call({
          type: "start",
          key,
          options: { ...options, stdio },
        });
        running.set(key, { pid, onExited });
        return {
          pid,
          sockets,
          outputs: outputs.open(),
          get isReaped() {
            return !running.has(key);
          },
          kill: (signal) => running.has(key) && thread.call({ type: "kill", key, signal }),
        };
      } finally {
        outputs.close();
      }
    },
    close() {
      isClosed = true;
      endIfIdle();
    },
  };
}

interface Thread {
  /** Blocks until the thread has replied. @throws what it threw, or an error if it has failed */
  call<C extends SpawnCall>(call: C): SpawnResults[C["type"]];
  end(): void;
}

/** Starts the thread, which takes some 20 ms; the first call waits for that. */
function createThread(
  onExit: (exit: ProcessReaped) => void,
  onFailed: (error: Error) => void,
  freeStoppedStart: (threadId: number) => boolean,
): Thread {
  const shared = new SharedArrayBuffer(SHARED_BYTES);
  const header = new Int32Array(shared, 0, HEADER_BYTES / Int32Array.BYTES_PER_ELEMENT);
  const replyText = Buffer.from(shared, HEADER_BYTES);
  let state: ThreadState = "starting";
  // TypeScript takes it for the browser's Worker, which has fewer options.
  const worker = new Worker(thisEntry(), {
    name: "spawning thread",
    argv: ["spawn-worker"],
    workerData: shared,
    smol: true,
  } as WorkerOptions) as Bun.Worker;
  worker.unref();
  worker.addEventListener("message", (event: unknown) =>
    onExit(JSON.parse((event as MessageEvent<string>).data) as ProcessReaped),
  );
  worker.addEventListener("error", ({ message }) => fail(threadErrorText(message)));
  worker.addEventListener("close", () => fail("it has ended"));

  function fail(reason: string): Error {
    const error = new Error(`the thread that starts children has failed: ${reason}`);
    if (state === "starting" || state === "listening") {
      state = "failed";
      onFailed(error);
    }
    return error;
  }

  function waitForReply(): SpawnReply {
    const deadlineMs = performance.now() + REPLY_TIMEOUT_MS;
    while (Atomics.wait(header, STATE_INDEX, PENDING, CHECK_INTERVAL_MS) === "timed-out") {
      if (performance.now() > deadlineMs) throw fail(`no reply in ${REPLY_TIMEOUT_MS / 1000} s`);
      const threadId = header[THREAD_ID_INDEX] ?? 0;
      if (threadId !== 0 && !freeStoppedStart(threadId)) throw fail("it has ended");
    }
    return JSON.parse(replyText.toString("utf8", 0, header[REPLY_BYTES_INDEX])) as SpawnReply;
  }

  return {
    call<C extends SpawnCall>(call: C) {
      if (state === "starting") {
        waitForReply();
        state = "listening";
      }
      if (state !== "listening") throw new Error(`the thread that starts children has ${state}`);
      Atomics.store(header, STATE_INDEX, PENDING);
      worker.postMessage(JSON.stringify(call));
      const reply = waitForReply();
      if ("error" in reply) throw asThrown(reply.error);
      return reply.result as SpawnResults[C["type"]];
    },
    end() {
      state = "ended";
      worker.terminate();
    },
  };
}

/** Returns an error like the one that was thrown in the thread. */
function asThrown({ name, message, code }: CallError): Error {
  const error = Object.assign(new Error(message), code === null ? {} : { code });
  error.name = name;
  return error;
}
