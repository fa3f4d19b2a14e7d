/**
 * One sample of a server for `brood top`: the master and the children that
 * match, at the same moment.
 */
import type { MasterJson } from "../../../shared/api.ts";
import { type ListOptions, listChildren } from "./children.ts";
import { isObject, type Remote } from "./request.ts";
import type { TopSample } from "./top-state.ts";

/** @throws as `Remote.get` */
export async function takeSample(remote: Remote, view: ListOptions): Promise<TopSample> {
  const [master, children] = await Promise.all([
    remote.get("api/master", {}, isMaster),
    listChildren(remote, view),
  ]);
  return { at: Date.now(), master, children };
}

function isMaster(json: unknown): json is MasterJson {
  return isObject(json) && typeof json.pid === "number" && typeof json.state === "string";
}
