/** Processes that talk: what one says gets to all others by way of the master. */
import { readCpu } from "./proc.ts";
import { reach, type Target, within } from "./target.ts";

export interface ChatJob {
  target: Target;
  clients: number;
  /** How often is said something to all, and how often is asked who is there. */
  rounds: number;
}

/** Times in ms. */
export interface ChatTimes {
  /** From a line's leaving one client to its reaching the first and the last of the others. */
  first: number[];
  last: number[];
  /** From asking who is there to the answer's last byte. */
  who: number[];
  /** Processor time of the master for one line to all, and for one answer. */
  cpuBroadcast: number;
  cpuWho: number;
}

interface Chatter {
  say(line: string): void;
  /** Waits until what came since the last call has this in it. */
  hears(text: string): Promise<void>;
  close(): void;
}

export async function chat({ target, clients, rounds }: ChatJob): Promise<ChatTimes> {
  const chatters: Chatter[] = [];
  for (let i = 0; i < clients; i += 1) {
    const chatter = await open(target);
    chatter.say(`c${i}`);
    await within(target, "to enter", chatter.hears("* in lobby: "));
    chatters.push(chatter);
  }
  const [speaker, ...others] = chatters as [Chatter, ...Chatter[]];
  await within(target, "the last one's coming", speaker.hears(`* c${clients - 1} has joined`));

  const times: ChatTimes = { first: [], last: [], who: [], cpuBroadcast: 0, cpuWho: 0 };
  let cpu = readCpu(target.pid);
  for (let round = 0; round < rounds; round += 1) {
    const line = `round ${round}.`;
    const start = performance.now();
    const heard = others.map(async (other) => {
      await other.hears(line);
      return performance.now() - start;
    });
    speaker.say(line);
    const each = await within(target, "a line to all", Promise.all(heard));
    times.first.push(Math.min(...each));
    times.last.push(Math.max(...each));
  }
  times.cpuBroadcast = (readCpu(target.pid) - cpu) / rounds;

  cpu = readCpu(target.pid);
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    const answered = speaker.hears("\r\n");
    speaker.say("/who");
    await within(target, "who is there", answered);
    times.who.push(performance.now() - start);
  }
  times.cpuWho = (readCpu(target.pid) - cpu) / rounds;
  for (const chatter of chatters) chatter.close();
  return times;
}

async function open(target: Target): Promise<Chatter> {
  let text = "";
  let look = () => {};
  const connected = Bun.connect({
    hostname: "127.0.0.1",
    port: target.port,
    socket: {
      data(_, bytes) {
        text += bytes.toString("latin1");
        look();
      },
    },
  });
  const socket = await reach(target, connected);
  return {
    say(line) {
      text = "";
      socket.write(`${line}\r\n`);
    },
    hears: (wanted) =>
      new Promise((resolve) => {
        look = () => {
          if (!text.includes(wanted)) return;
          text = "";
          look = () => {};
          resolve();
        };
        look();
      }),
    close: () => void socket.end(),
  };
}
