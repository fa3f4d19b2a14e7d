/**
 * brood, but its built-in services are taken over: their children do what attack.ts tries. With
 * `attack TARGETS` it tries the same without a sandbox, and prints the outcomes. The thread that
 * starts the children fails once there is a file $FAILURE.
 */
import { existsSync } from "node:fs";

const [command = "", argument = "", role] = process.argv.slice(2);
const failure = process.env["FAILURE"];

if (["child", "module-child"].includes(command) && role === "client" && failure === undefined) {
  await import("./child.ts");
} else if (command === "attack") {
  const { attackAll } = await import("./attack.ts");
  console.log(JSON.stringify(attackAll(JSON.parse(argument) as Parameters<typeof attackAll>[0])));
} else {
  await import("../../../server/main.ts");
  if (command === "spawn-worker" && failure !== undefined) setInterval(failIfAsked, 10);
}

function failIfAsked(): void {
  if (existsSync(failure ?? "")) throw new Error("asked to fail");
}
