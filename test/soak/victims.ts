/**
 * Clients whose child is killed or stopped. Each does it to its own child, which it knows from the log: so
 * whoever else loses anything has lost it by the server's fault.
 */
import type { Session } from "./journal.ts";
import type { Random } from "./random.ts";
import { type Script, writeScript } from "./script.ts";
import { type Finding, judgeBeginning, judgeWhole, type Visit } from "./client.ts";
import type { Wire } from "./wire.ts";

/** How long (ms) a child stays stopped at the most. */
const STOPPED = 150;

/** Its child is killed: at birth, while it waits, with requests on their way. */
export const killed: Visit = async ({ random, open, journal }): Promise<Finding> => {
  const script = writeScript(random, { times: 5, quits: true, cuts: "each" });
  const wire = await open();
  const rest = await beginTalk(random, wire, script);
  const session = await journal.session(wire, random.percent(30) ? "spawned" : "serving");
  if (session === null) return judgeWhole(wire, script);
  return kill(wire, script, rest, session);
};

/** Its child is stopped, and then goes on as if nothing had been, or is killed. */
export const stopped: Visit = async ({ random, open, journal }): Promise<Finding> => {
  const script = writeScript(random, { times: 5, quits: true, cuts: "each" });
  const wire = await open();
  const rest = await beginTalk(random, wire, script);
  const session = await journal.session(wire, "serving");
  if (session === null) return judgeWhole(wire, script);
  process.kill(session.pid, "SIGSTOP");
  await sayAll(wire, rest);
  await Bun.sleep(random.below(STOPPED));
  if (random.percent(40)) {
    return { ...(await kill(wire, script, [], session)), stopped: true };
  }
  process.kill(session.pid, "SIGCONT");
  return { ...(await judgeWhole(wire, script)), stopped: true };
};

/** Says a part of the script, never the last of it, and waits for a reply or does not; gives the rest. */
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
 * Kills the child of a session. What came until then must be right, and then the connection ends. But a
 * spare that had not taken its client yet is replaced, and then the client is served as any other.
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
