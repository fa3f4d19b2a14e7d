/** Trees of real processes for tests. They end with the test, even if it is killed. */

/** A process and its children. A name has one character per byte, at most 15. */
export interface Plan {
  name: string;
  children?: readonly Plan[];
}

export interface LiveTree extends AsyncDisposable {
  /** The topmost process. */
  pid: number;
}

/** Starts the processes; all of them are running and named when the promise resolves. */
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

/**
 * Returns the code of a shell that names itself, starts its children, reports that it is
 * up, and waits for the end.
 */
function shellCode({ name, children = [] }: Plan): string {
  const named = `printf '${octal(name)}' >/proc/self/comm`;
  const started = children.map((child) => `(${shellCode(child)}) &`);
  const ended = children.length > 0 ? "wait" : "read _ <&3";
  return [`${named};`, ...started, `echo; ${ended}`].join(" ");
}

/** Escapes a name for printf(1). An empty name is a NUL, at which the kernel cuts it. */
function octal(name: string): string {
  const escapes = Array.from(name || "\0", (byte) =>
    byte.charCodeAt(0).toString(8).padStart(3, "0"),
  );
  return escapes.map((digits) => `\\${digits}`).join("");
}

function countProcesses({ children = [] }: Plan): number {
  return children.reduce((count, child) => count + countProcesses(child), 1);
}
