import type { SentJson } from "../../../shared/api.ts";
import { describeReceipt } from "../../../shared/describe-log.ts";
import { isTerminating, type Signal } from "../../../shared/signals.ts";
import { UsageError } from "../../options/usage-error.ts";
import { listChildren } from "./children.ts";
import { parseCommand } from "./commands.ts";
import { printError, printLines, printList } from "./print.ts";
import { type Environment, isObject, type Remote, openRemote } from "./request.ts";

/** The outcome for one target, as the user named it; with the API's reply if a signal was sent. */
type Outcome =
  | { outcome: "unknown" | "already ended" | "ambiguous"; target: string }
  | ({ outcome: "sent"; target: string } & SentJson);

interface KillOptions {
  signal: Signal;
  thenKill: boolean;
  wait: boolean;
}

/**
 * `brood kill`: sends a signal to each child that is named, always by its session ID in the end.
 */
export async function kill(args: readonly string[], environment: Environment): Promise<number> {
  const { values, operands } = parseCommand("kill", args);
  if (operands.length === 0) {
    throw new UsageError("kill: which children? Give session IDs or PIDs, as brood ps lists them.");
  }
  const invalid = operands.find((target) => !/^([0-9a-z]+-)?[1-9]\d*$/.test(target));
  if (invalid !== undefined) {
    throw new UsageError(`kill: ${JSON.stringify(invalid)} is neither a session ID nor a PID.`);
  }
  const remote = openRemote(values, environment);
  const { signal = "TERM", wait } = values;
  const options = { signal, wait, thenKill: values["then-kill"] };
  const outcomes = await killAll(remote, new Set(operands), options);
  if (values.json) printList(outcomes);
  else for (const outcome of outcomes) printOutcome(outcome);
  return outcomes.every(isSuccess) ? 0 : 1;
}

/** Each request has its own timeout, so any beyond what the server works on would only wait. */
const MAX_CONCURRENT_REQUESTS = 100;

async function killAll(
  remote: Remote,
  targets: ReadonlySet<string>,
  options: KillOptions,
): Promise<Outcome[]> {
  const pids = [...targets].filter((target) => !target.includes("-"));
  const ids = pids.length === 0 ? new Map<string, string[]>() : await idsByPid(remote);
  const send = (target: string): Promise<Outcome> | Outcome => {
    if (target.includes("-")) return killOne(remote, target, target, options);
    const [id, ...others] = ids.get(target) ?? [];
    if (id === undefined) return { outcome: "unknown", target };
    if (others.length > 0) return { outcome: "ambiguous", target };
    return killOne(remote, target, id, options);
  };
  const all = [...targets];
  const outcomes: Outcome[] = [];
  for (let from = 0; from < all.length; from += MAX_CONCURRENT_REQUESTS) {
    const batch = all.slice(from, from + MAX_CONCURRENT_REQUESTS);
    outcomes.push(...(await Promise.all(batch.map(send))));
  }
  return outcomes;
}

/**
 * A PID stands for the child that has it at this moment; the signal goes to that child's session.
 */
async function idsByPid(remote: Remote): Promise<Map<string, string[]>> {
  const children = await listChildren(remote);
  const groups = Map.groupBy(children, ({ pid }) => String(pid));
  return new Map(Array.from(groups, ([pid, group]) => [pid, group.map(({ id }) => id)]));
}

/** Sends a signal to the session `id`. @throws if the server refuses. */
export async function killOne(
  remote: Remote,
  target: string,
  id: string,
  { signal, thenKill, wait }: KillOptions,
): Promise<Outcome> {
  const path = `api/children/${id}${thenKill ? "?then=KILL" : ""}`;
  const reply = await remote.request("DELETE", path, { signal, wait });
  const { status, json } = reply;
  if (isSent(json)) return { outcome: "sent", target, ...json };
  // A 404 without JSON comes from some other web server, which knows nothing of our children.
  if (isObject(json) && status === 404) return { outcome: "unknown", target };
  if (isObject(json) && status === 410) return { outcome: "already ended", target };
  throw remote.errorFor(reply);
}

function isSent(json: unknown): json is SentJson {
  return isObject(json) && json.sent === true;
}

function printOutcome(outcome: Outcome): void {
  const { target } = outcome;
  switch (outcome.outcome) {
    case "unknown":
      return printError(`${target}: no such child`);
    case "already ended":
      return printError(`${target}: already ended`);
    case "ambiguous":
      return printError(`${target}: more than one child has this PID; use a session ID`);
    case "sent": {
      const { pid, id, signal, receipt } = outcome;
      const result = receipt === undefined ? `${signal} sent` : describeReceipt(receipt);
      return printLines([`PID ${pid} (${id}): ${result}`]);
    }
  }
}

/** A signal that should end a child has failed if the child is still there. */
function isSuccess(outcome: Outcome): boolean {
  if (outcome.outcome !== "sent") return false;
  return !(isTerminating(outcome.signal) && outcome.receipt?.outcome === "still there");
}
