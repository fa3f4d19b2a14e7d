/** A service that does what its client asks for, for the tests. */
import { type Client, service } from "brood";

interface State {
  lines: number;
}

const ACTIONS: Record<string, (client: Client<State>, text: string) => void | Promise<void>> = {
  say: (client, text) => client.write(`${text}\n`),
  count: (client) => client.write(`${client.state.lines}\n`),
  who: (client) => client.write(`${client.id} ${client.address} ${client.port}\n`),
  async wait(client, ms) {
    await Bun.sleep(Number(ms));
    void client.write(`waited ${ms}\n`);
  },
  throw() {
    throw new TypeError("thrown at once");
  },
  async reject() {
    await Bun.sleep(1);
    throw new TypeError("thrown later");
  },
  because() {
    const cause: Error = new RangeError("the cause");
    cause.cause = new AggregateError([cause, "a text"], "a circle");
    throw new Error("caused", { cause });
  },
  async nonsense(client) {
    await client.broadcast(undefined as never);
  },
  timer() {
    setTimeout(() => {
      throw new TypeError("thrown by a timer");
    }, 1);
  },
  floating() {
    void Promise.reject(new TypeError("thrown by a promise that nobody awaits"));
  },
  rejections(_, count) {
    for (let i = 1; i <= Number(count); i += 1) void Promise.reject(new Error(`rejection ${i}`));
  },
  nothing() {
    // oxlint-disable-next-line no-throw-literal -- what services do
    throw "no error at all";
  },
  block() {
    for (;;);
  },
  exit: () => process.exit(5),
  end: (client, text) => client.end(text === "" ? undefined : `${text}\n`),
  log(client, text) {
    client.log(text);
    console.error(`${text} on stderr`);
    process.stdout.write(`${text} on stdout\n`);
    Bun.spawnSync(["echo", `${text} by a program`], { stdio: ["ignore", "inherit", "inherit"] });
  },
  chatter(client, lines) {
    for (let line = 1; line <= Number(lines); line += 1) client.log(`line ${line}`);
  },
  /** Writes this many megabytes, and waits for each. */
  async pour(client, megabytes) {
    const megabyte = "x".repeat(999_999) + "\n";
    for (let i = 0; i < Number(megabytes); i += 1) await client.write(megabyte);
  },
  /** Writes this many lines, and waits for none. */
  scribble(client, lines) {
    for (let line = 1; line <= Number(lines); line += 1)
      void client.write(`${line}`.padEnd(99) + "\n");
  },
  /** Writes this many megabytes at once, and ends. */
  async heap(client, megabytes) {
    client.end("x".repeat(Number(megabytes) * 1e6));
  },
  /** Ends the session, and goes on for a while. */
  async endure(client, ms) {
    client.end();
    await Bun.sleep(Number(ms));
    client.log("endured");
  },
  /** Logs when its client has gone. */
  async watch(client) {
    await new Promise((resolve) => client.signal.addEventListener("abort", resolve));
    client.log("aborted");
  },
};

export default service({
  state: (): State => ({ lines: 0 }),
  open: (client) => client.write("ready\n"),
  line(client, line) {
    client.state.lines += 1;
    const [action = "", ...text] = line.split(" ");
    return ACTIONS[action]?.(client, text.join(" "));
  },
  leave: (client, reason) => client.log(`leaves: ${reason}`),
});
