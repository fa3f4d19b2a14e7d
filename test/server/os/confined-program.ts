/**
 * A process with a thread that confines itself and then starts a program, as the master's does. Its
 * argument is a ConfinedRun; it prints a ConfinedResult.
 */
import { deniedToSameUser } from "../../../server/os/denied-calls.ts";
import { makeNonDumpable } from "../../../server/os/dumpable.ts";
import { restrictWithLandlock } from "../../../server/os/landlock.ts";
import { enterPrivateNetwork } from "../../../server/os/network-namespace.ts";
import { setNoNewPrivs } from "../../../server/os/no-new-privs.ts";
import { enterPrivateProc } from "../../../server/os/private-proc.ts";
import { denySystemCalls } from "../../../server/os/seccomp.ts";
import { threadId } from "../../../server/os/thread-id.ts";
import type { ConfinedResult, ConfinedRun } from "./confined.ts";

/** A run, and the descriptor of the connection it asks for. */
interface Order {
  run: ConfinedRun;
  connection: number | null;
}

if (Bun.isMainThread) await main(JSON.parse(process.argv[2] ?? "") as ConfinedRun);
else
  self.onmessage = async ({ data }: MessageEvent<Order>) => postMessage(await confineAndRun(data));

async function main(run: ConfinedRun): Promise<void> {
  const { connectTo } = run;
  const socket =
    connectTo === undefined
      ? null
      : await Bun.connect({ hostname: "127.0.0.1", port: connectTo, socket: { data() {} } });
  const thread = new Worker(import.meta.url);
  const result = Promise.withResolvers<ConfinedResult>();
  thread.onmessage = ({ data }: MessageEvent<ConfinedResult>) => result.resolve(data);
  thread.onerror = ({ message }) => result.reject(new Error(message));
  thread.postMessage({ run, connection: socket?.fd ?? null } satisfies Order);
  process.stdout.write(JSON.stringify(await result.promise));
  process.exit(0);
}

async function confineAndRun({ run, connection }: Order): Promise<ConfinedResult> {
  const denied = [...(run.denied ?? []), ...(run.sameUser ? deniedToSameUser() : [])];
  const outcomes = {
    nonDumpable: run.nonDumpable ? makeNonDumpable() : null,
    noNewPrivs: run.noNewPrivs ? setNoNewPrivs() : null,
    deniedBefore: run.deniedBefore ? denySystemCalls(run.deniedBefore) : null,
    privateNetwork: run.privateNetwork ? enterPrivateNetwork() : null,
    privateProc: run.privateProc ? enterPrivateProc() : null,
    landlock: run.landlock ? restrictWithLandlock(run.landlock) : null,
    denied: denied.length > 0 ? denySystemCalls(denied) : null,
  };
  const command = run.command.map((word) =>
    word.replaceAll("{MASTER}", `${process.pid}`).replaceAll("{THREAD}", `${threadId()}`),
  );
  const child = Bun.spawn(command, {
    ...run.account,
    cwd: "/",
    stdio: ["ignore", "pipe", "pipe", connection ?? "ignore"],
    detached: true,
  });
  const [stdout, stderr, status] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { outcomes, stdout, stderr, status };
}
