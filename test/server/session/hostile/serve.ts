/**
 * brood without its page, except that the children of its first HOSTILE_CLIENTS clients (1) do what
 * HOSTILE names, as if they had been taken over: see child.ts.
 */
import { join } from "node:path";
import { readConfig } from "../../../../server/options/config.ts";
import { confine } from "../../../../server/confine/confine.ts";
import { createLog } from "../../../../server/master/log.ts";
import { createMaster } from "../../../../server/master/master.ts";
import { startProcess } from "../../../../server/handover/processes.ts";
import { prepareProgram } from "../../../../server/handover/program.ts";
import { childSpawner, type TaskLimits } from "../../../../server/handover/spawn.ts";

const { options } = readConfig(process.argv.slice(3), process.env);
const log = createLog("json", (line) => void process.stdout.write(`${line}\n`));
const warn = (message: string) => log.write({ event: "warning", message });
const confinement = confine(options.confine, options.serving, warn);
if (options.serving.kind === "exec") throw new Error("a program has no channel to abuse");
const program = await prepareProgram(confinement.executable, options.serving);
const hostile = [process.execPath, join(import.meta.dir, "child.ts"), process.env.HOSTILE ?? ""];
let left = Number(process.env.HOSTILE_CLIENTS ?? 1);

const command: typeof program.command = (role) => {
  if (left === 0) return program.command(role);
  left -= 1;
  return hostile;
};
const spawner = (limits: () => TaskLimits) =>
  childSpawner(startProcess, { ...program, command }, options.serving, limits, confinement);
const confined = () => confinement.summary;
const master = createMaster({ options, log, spawner, confined, descriptors: null });
const { host } = options;
const listening = { host, port: master.listen(), dashboard: null, pid: process.pid };
log.write({ event: "listening", ...listening });
process.on("SIGTERM", async (signal) => {
  master.stop(signal);
  await master.stopped;
  program.close();
  await confinement[Symbol.asyncDispose]();
});
