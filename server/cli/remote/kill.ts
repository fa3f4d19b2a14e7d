import type { SentJson } from "../../../shared/api.ts";
import { describeReceipt } from "../../../shared/log.ts";
import { isTerminating, type Signal } from "../../../shared/signals.ts";
import { UsageError } from "../../options/usage-error.ts";
import { type Environment, isObject, type Remote, openRemote } from "./request.ts";
import { listChildren } from "./children.ts";
import { parseCommand } from "./commands.ts";
import { printError, printLines, printList } from "./print.ts";

/** What became of one that was named; the API's answer where a signal was sent. */
type Outcome =
  | { outcome: "unknown" | "gone" | "ambiguous"; target: string }
  | ({ outcome: "sent"; target: string } & SentJson);

interface Order {
  signal: Signal;
  thenKill: boolean;
  wait: boolean;
}

/** `brood kill`: sends a signal to each child that is named, by its session's id and by nothing else. */
export async function kill(args: readonly string[], environment: Environment): Promise<number> {
  const { values, operands } = parseCommand("kill", args);
  if (operands.length === 0)
    throw new UsageError("kill: whom? Name ids or pids, as brood ps lists them.");
  const wrong = operands.find((target) => !/^([0-9a-z]+-)?[1-9]\d*$/.test(target));
  if (wrong !== undefined)
    throw new UsageError(`kill: ${JSON.stringify(wrong)} is no id and no pid.`);
  const remote = openRemote(values, environment);
  const { signal = "TERM", wait } = values;
  const order = { signal, wait, thenKill: values["then-kill"] };
  const outcomes = await killAll(remote, new Set(operands), order);
  if (values.json) printList(outcomes);
  else for (const outcome of outcomes) tell(outcome);
  return outcomes.every((outcome) => isDone(outcome)) ? 0 : 1;
}

/** Signals that are under way at once: each has its time to be answered, and more would only wait. */
const AT_ONCE = 100;

async function killAll(
  remote: Remote,
  targets: ReadonlySet<string>,
  order: Order,
): Promise<Outcome[]> {
  const pids = [...targets].filter((target) => !target.includes("-"));
  const ids = pids.length === 0 ? new Map<string, string[]>() : await idsByPid(remote);
  const send = (target: string): Promise<Outcome> | Outcome => {
    if (target.includes("-")) return killOne(remote, target, target, order);
    const [id, ...others] = ids.get(target) ?? [];
    if (id === undefined) return { outcome: "unknown", target };
    if (others.length > 0) return { outcome: "ambiguous", target };
    return killOne(remote, target, id, order);
  };
  const all = [...targets];
  const outcomes: Outcome[] = [];
  for (let from = 0; from < all.length; from += AT_ONCE) {
    outcomes.push(...(await Promise.all(all.slice(from, from + AT_ONCE).map(send))));
  }
  return outcomes;
}

/** A pid counts for the child that has it at this moment; what is killed is the session. */
async function idsByPid(remote: Remote): Promise<Map<string, string[]>> {
  const children = await listChildren(remote);
  const groups = Map.groupBy(children, ({ pid }) => String(pid));
  return new Map(Array.from(groups, ([pid, group]) => [pid, group.map(({ id }) => id)]));
}

export async function killOne(
  remote: Remote,
  target: string,
  id: string,
  { signal, thenKill, wait }: Order,
): Promise<Outcome> {
  const path = `api/children/${id}${thenKill ? "?then=KILL" : ""}`;
  const answer = await remote.request("DELETE", path, { signal, wait });
  const { status, json } = answer;
  if (isSent(json)) return { outcome: "sent", target, ...json };
  // Of any other server's 404 it is not said that there is no such child.
  if (isObject(json) && status === 404) return { outcome: "unknown", target };
  if (isObject(json) && status === 410) return { outcome: "gone", target };
  throw remote.objection(answer);
}

function isSent(json: unknown): json is SentJson {
  return isObject(json) && json.sent === true;
}

function tell(outcome: Outcome): void {
  const { target } = outcome;
  switch (outcome.outcome) {
    case "unknown":
      return printError(`${target}: no such child`);
    case "gone":
      return printError(`${target}: has gone already`);
    case "ambiguous":
      return printError(`${target}: several children have this pid; name one by its id`);
    case "sent": {
      const { pid, id, signal, receipt } = outcome;
      const became = receipt === undefined ? `${signal} sent` : describeReceipt(receipt);
      return printLines([`pid ${pid} (${id}): ${became}`]);
    }
  }
}

/** A signal that is meant to end a child has not done it while it is still there. */
function isDone(outcome: Outcome): boolean {
  if (outcome.outcome !== "sent") return false;
  return !(isTerminating(outcome.signal) && outcome.receipt?.outcome === "still there");
}
