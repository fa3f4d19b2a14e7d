import type { TreeJson } from "../../../shared/api.ts";
import { parseCommand } from "./commands.ts";
import { printJson, printLines } from "./print.ts";
import { type Environment, isObject, openRemote } from "./request.ts";

/** `brood tree`: prints the process tree of the server's machine, as `pstree` does there. */
export async function tree(args: readonly string[], environment: Environment): Promise<number> {
  const { values } = parseCommand("tree", args);
  const remote = openRemote(values, environment);
  const scope = values.host ? "host" : "server";
  if (values.json) {
    printJson(await remote.get("api/tree", { scope }, isTree));
    return 0;
  }
  const query = { scope, pids: values.pids, charset: values.utf8 ? "utf8" : "ascii" };
  const reply = await remote.request("GET", "pstree", query);
  if (reply.status !== 200 || !reply.isPlain) throw remote.errorFor(reply);
  printLines(reply.text.split("\n").slice(0, -1));
  return 0;
}

function isTree(json: unknown): json is TreeJson {
  return isObject(json) && typeof json.pid === "number" && Array.isArray(json.children);
}
