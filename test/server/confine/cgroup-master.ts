/**
 * A master with cgroups, as far as the tests need it: runs two `sleep` in one cgroup, prints which
 * groups it and they are in, and ends them. `hugetlb` stands in for the memory controller, which is
 * rarely available where tests run.
 */
import { readFileSync } from "node:fs";
import { openCgroups } from "../../../server/confine/memory-cgroup.ts";

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
const slot = cgroups.newSlot();
const cmd = ["/bin/sh", "-c", "sleep 1000 & echo $!; exec sleep 1000"]; // a child that leaves another one behind
const child = Bun.spawn({ ...slot.spawn, cmd, stdio: ["ignore", "pipe", "inherit"] });
slot.assign({ pid: child.pid, kill: (signal) => child.kill(`SIG${signal}`) });
const reader = child.stdout.getReader();
const descendant = Number(new TextDecoder().decode((await reader.read()).value));
const groupOf = (pid: number | "self") =>
  /^0::(.+)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, "latin1"))?.[1];
const groups = {
  master: groupOf("self"),
  child: groupOf(child.pid),
  descendant: groupOf(descendant),
  limit: readFileSync(`${slot.spawn.cgroup}/hugetlb.2MB.max`, "latin1").trim(),
  pids: [child.pid, descendant],
};
child.kill();
await child.exited;
slot.release();
await cgroups.close();
process.stdout.write(JSON.stringify({ ...groups, killed, after: groupOf("self") }));
