/** The thread of confined-master.ts that confines itself and starts the program. */
import { makeNonDumpable } from "../../../server/os/dumpable.ts";
import { setNoNewPrivs } from "../../../server/os/no-new-privs.ts";
import { enterPrivateNetwork } from "../../../server/os/network-namespace.ts";
import { restrictWithLandlock } from "../../../server/os/landlock.ts";
import { denySystemCalls } from "../../../server/os/seccomp.ts";
import { deniedToSameUser } from "../../../server/os/denied-calls.ts";
import { threadId } from "../../../server/os/thread-id.ts";
import type { ConfinedRun } from "./confined.ts";

self.onmessage = async ({ data }: MessageEvent<string>) => {
  const {
    nonDumpable,
    noNewPrivs,
    privateNetwork,
    landlock,
    denied,
    sameUser,
    command,
    ...options
  } = JSON.parse(data) as ConfinedRun;
  const outcomes = {
    nonDumpable: nonDumpable ? makeNonDumpable() : null,
    noNewPrivs: noNewPrivs ? setNoNewPrivs() : null,
    privateNetwork: privateNetwork ? enterPrivateNetwork() : null,
    landlock: landlock ? restrictWithLandlock(landlock) : null,
    denied:
      denied || sameUser
        ? denySystemCalls([...(denied ?? []), ...(sameUser ? deniedToSameUser() : [])])
        : null,
  };
  const replaced = command.map((word) =>
    word.replaceAll("{MASTER}", String(process.pid)).replaceAll("{THREAD}", String(threadId())),
  );
  const child = Bun.spawn(replaced, {
    ...options,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const [stdout, stderr, status] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  postMessage({ outcomes, stdout, stderr, status });
};
