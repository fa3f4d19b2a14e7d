/** Trees of real processes, for tests. They end with the test, even when it is killed. */

/** What is to grow: names have one byte a character, up to 15. */
export interface Plan {
  name: string;
  children?: readonly Plan[];
}

export interface LiveTree extends AsyncDisposable {
  /** The topmost process. */
  pid: number;
}

/** Grows processes as planned; all of them are there, and named, when the promise resolves. */
export function growTree(plan: Plan): Promise<LiveTree> {
  return holdProgram(["sh", "-c", `exec 3<&0; ${shellCode(plan)}`], countProcesses(plan));
}

/**
 * Starts a program that writes `ready` bytes when it is up, and that ends when its input ends:
 * at disposal, or when this process is killed.
 */
export async function holdProgram(cmd: string[], ready: number): Promise<LiveTree> {
  const top = Bun.spawn(cmd, { stdin: "pipe", stdout: "pipe" });
  for await (const chunk of top.stdout) {
    ready -= chunk.length;
    if (ready <= 0) break;
  }
  if (ready > 0) throw new Error(`${cmd[0]} ended too early, with status ${await top.exited}`);
  return {
    pid: top.pid,
    async [Symbol.asyncDispose]() {
      await top.stdin.end();
      await top.exited;
    },
  };
}

/** A shell that names itself, starts its children, tells that it is up, and waits for the end. */
function shellCode({ name, children = [] }: Plan): string {
  const named = `printf '${octal(name)}' >/proc/self/comm`;
  const started = children.map((child) => `(${shellCode(child)}) &`);
  const ended = children.length > 0 ? "wait" : "read _ <&3";
  return [`${named};`, ...started, `echo; ${ended}`].join(" ");
}

/** A name in the escapes of printf(1). The kernel takes it up to a NUL, so that an empty one is a NUL. */
function octal(name: string): string {
  const escapes = Array.from(name || "\0", (byte) =>
    byte.charCodeAt(0).toString(8).padStart(3, "0"),
  );
  return escapes.map((digits) => `\\${digits}`).join("");
}

function countProcesses({ children = [] }: Plan): number {
  return children.reduce((count, child) => count + countProcesses(child), 1);
}
