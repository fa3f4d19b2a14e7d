import type { TreeJson } from "../../../shared/api.ts";
import { type Environment, isObject, openRemote } from "./request.ts";
import { parseCommand } from "./commands.ts";
import { printJson, printLines } from "./print.ts";

/** `brood tree`: the process tree of the server's machine, as `pstree` prints it there. */
export async function tree(args: readonly string[], environment: Environment): Promise<number> {
  const { values } = parseCommand("tree", args);
  const remote = openRemote(values, environment);
  const scope = values.host ? "host" : "server";
  if (values.json) {
    printJson(await remote.get("api/tree", { scope }, isTree));
    return 0;
  }
  const query = { scope, pids: values.pids, charset: values.utf8 ? "utf8" : "ascii" };
  const answer = await remote.request("GET", "pstree", query);
  if (answer.status !== 200 || !answer.isPlain) throw remote.objection(answer);
  printLines(answer.text.split("\n").slice(0, -1));
  return 0;
}

function isTree(json: unknown): json is TreeJson {
  return isObject(json) && typeof json.pid === "number" && Array.isArray(json.children);
}
