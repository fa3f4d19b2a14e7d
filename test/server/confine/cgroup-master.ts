/**
 * A master that holds its children in cgroups, as far as the tests need it: runs `sleep` twice in one,
 * tells where it and they are, and ends them. `hugetlb` stands in for the controller of memory, which
 * is seldom to be had where tests run.
 */
import { readFileSync } from "node:fs";
import { openCgroups } from "../../../server/confine/memory-cgroup.ts";
import type { ChildProcess } from "../../../server/handover/spawn.ts";

const [own = "", controller = "", events = ""] = process.argv.slice(2);
const settings = { "hugetlb.2MB.max": "0" };
const killed: number[] = [];
const cgroups = openCgroups(
  own,
  { controller, settings, events: { file: "cgroup.events", name: events } },
  (pid) => killed.push(pid),
  (message) => {
    throw new Error(message);
  },
);
const place = cgroups.place();
const cmd = ["/bin/sh", "-c", "sleep 1000 & echo $!; exec sleep 1000"]; // one that leaves one behind
const child = Bun.spawn({ ...place.spawn, cmd, stdio: ["ignore", "pipe", "inherit"] });
place.hold(child as unknown as ChildProcess);
const reader = child.stdout.getReader();
const descendant = Number(new TextDecoder().decode((await reader.read()).value));
const groupOf = (pid: number | "self") =>
  /^0::(.+)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, "latin1"))?.[1];
const told = {
  master: groupOf("self"),
  child: groupOf(child.pid),
  descendant: groupOf(descendant),
  limit: readFileSync(`${place.spawn.cgroup}/hugetlb.2MB.max`, "latin1").trim(),
  pids: [child.pid, descendant],
};
child.kill();
await child.exited;
place.leave();
await cgroups.close();
process.stdout.write(JSON.stringify({ ...told, killed, after: groupOf("self") }));
