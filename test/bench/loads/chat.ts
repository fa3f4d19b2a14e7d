/** Processes that talk to each other: a line from one reaches all others through the master. */
import { readCpuMs } from "./proc.ts";
import { connectTo, type Target, within } from "./target.ts";

export interface ChatJob {
  target: Target;
  clients: number;
  /** How many lines are sent to everyone, and how many times /who is asked. */
  rounds: number;
}

/** Times in ms. */
export interface ChatTimes {
  /** From sending a line to its arrival at the first and at the last of the others. */
  first: number[];
  last: number[];
  /** From asking /who to the last byte of the answer. */
  who: number[];
  /** The master's CPU time for one line to everyone, and for one answer. */
  cpuBroadcast: number;
  cpuWho: number;
}

interface Chatter {
  send(line: string): void;
  /** Waits until what arrived since the last call contains this text. */
  receives(text: string): Promise<void>;
  close(): void;
}

export async function chat({ target, clients, rounds }: ChatJob): Promise<ChatTimes> {
  const chatters: Chatter[] = [];
  for (let i = 0; i < clients; i += 1) {
    const chatter = await open(target);
    chatter.send(`c${i}`);
    await within(target, "entering", chatter.receives("* in lobby: "));
    chatters.push(chatter);
  }
  const [speaker, ...others] = chatters as [Chatter, ...Chatter[]];
  await within(
    target,
    "the arrival of the last client",
    speaker.receives(`* c${clients - 1} has joined`),
  );

  const times: ChatTimes = { first: [], last: [], who: [], cpuBroadcast: 0, cpuWho: 0 };
  let cpu = readCpuMs(target.pid);
  for (let round = 0; round < rounds; round += 1) {
    const line = `round ${round}.`;
    const start = performance.now();
    const arrivals = others.map(async (other) => {
      await other.receives(line);
      return performance.now() - start;
    });
    speaker.send(line);
    const each = await within(target, "a line to everyone", Promise.all(arrivals));
    times.first.push(Math.min(...each));
    times.last.push(Math.max(...each));
  }
  times.cpuBroadcast = (readCpuMs(target.pid) - cpu) / rounds;

  cpu = readCpuMs(target.pid);
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    const answered = speaker.receives("\r\n");
    speaker.send("/who");
    await within(target, "/who", answered);
    times.who.push(performance.now() - start);
  }
  times.cpuWho = (readCpuMs(target.pid) - cpu) / rounds;
  for (const chatter of chatters) chatter.close();
  return times;
}

async function open(target: Target): Promise<Chatter> {
  let text = "";
  let onText = () => {};
  const connected = Bun.connect({
    hostname: "127.0.0.1",
    port: target.port,
    socket: {
      data(_, bytes) {
        text += bytes.toString("latin1");
        onText();
      },
    },
  });
  const socket = await connectTo(target, connected);
  return {
    send(line) {
      text = "";
      socket.write(`${line}\r\n`);
    },
    receives: (wanted) =>
      new Promise((resolve) => {
        onText = () => {
          if (!text.includes(wanted)) return;
          text = "";
          onText = () => {};
          resolve();
        };
        onText();
      }),
    close: () => void socket.end(),
  };
}
