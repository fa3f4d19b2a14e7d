/**
 * Clients whose child is killed or stopped. Each does it to its own child, which it knows from the
 * log: if any other client loses something, that is the server's fault.
 */
import type { Session } from "./journal.ts";
import type { Random } from "./random.ts";
import { type Script, writeScript } from "./script.ts";
import { type Finding, judgeBeginning, judgeWhole, type Visit } from "./client.ts";
import type { Wire } from "./wire.ts";

/** How long a child stays stopped at most. */
const MAX_STOPPED_MS = 150;

/** Its child is killed: when spawned, while waiting, or with requests on their way. */
export const killed: Visit = async ({ random, open, journal }): Promise<Finding> => {
  const script = writeScript(random, { times: 5, quits: true, cuts: "each" });
  const wire = await open();
  const rest = await beginTalk(random, wire, script);
  const session = await journal.session(wire, random.percent(30) ? "spawned" : "serving");
  if (session === null) return judgeWhole(wire, script);
  return kill(wire, script, rest, session);
};

/** Its child is stopped, and is then continued or killed. */
export const stopped: Visit = async ({ random, open, journal }): Promise<Finding> => {
  const script = writeScript(random, { times: 5, quits: true, cuts: "each" });
  const wire = await open();
  const rest = await beginTalk(random, wire, script);
  const session = await journal.session(wire, "serving");
  if (session === null) return judgeWhole(wire, script);
  process.kill(session.pid, "SIGSTOP");
  await sayAll(wire, rest);
  await Bun.sleep(random.below(MAX_STOPPED_MS));
  if (random.percent(40)) {
    return { ...(await kill(wire, script, [], session)), stopped: true };
  }
  process.kill(session.pid, "SIGCONT");
  return { ...(await judgeWhole(wire, script)), stopped: true };
};

/**
 * Sends part of the script, never the last of it, waits for a reply or not, and returns the rest.
 */
async function beginTalk(random: Random, wire: Wire, script: Script): Promise<readonly string[]> {
  const said = random.below(script.pieces.length);
  await sayAll(wire, script.pieces.slice(0, said));
  if (said > 0 && random.percent(50)) await wire.receive(1);
  return script.pieces.slice(said);
}

async function sayAll(wire: Wire, pieces: readonly string[]): Promise<void> {
  for (const piece of pieces) await wire.send(piece);
}

/**
 * Kills the child of a session. What was received so far must be correct, and then the
 * connection ends. But a spare that had not taken its client yet is replaced, and the client
 * is served like any other.
 */
async function kill(
  wire: Wire,
  script: Script,
  rest: readonly string[],
  { id, pid, serving, ended }: Session,
): Promise<Finding> {
  process.kill(pid, "SIGKILL");
  const killed = { id, serving };
  if (!serving) await sayAll(wire, rest);
  const end = await wire.ended();
  if (end === "late") {
    const what = "no end after its child was killed";
    return { verdict: "late", replies: 0, what, killed };
  }
  const reason = await ended;
  if (reason === "killed by signal") return { ...judgeBeginning(wire, script), killed };
  const finding = await judgeWhole(wire, script);
  if (!serving || finding.verdict !== "served") return { ...finding, killed };
  return { ...finding, verdict: "wrong", what: `killed, but its session ended: ${reason}`, killed };
}
