/** `brood pause`, `brood resume` and `brood drain`: whether the server accepts clients. */
import { parseDuration } from "../../../shared/duration.ts";
import { UsageError } from "../../options/usage-error.ts";
import { parseCommand } from "./commands.ts";
import { printJson, printLines } from "./print.ts";
import { type Environment, isObject, openRemote } from "./request.ts";

type ControlCommand = "pause" | "resume" | "drain";

export const pause = (args: readonly string[], environment: Environment) =>
  control("pause", args, environment);

export const resume = (args: readonly string[], environment: Environment) =>
  control("resume", args, environment);

export const drain = (args: readonly string[], environment: Environment) =>
  control("drain", args, environment);

async function control(
  name: ControlCommand,
  args: readonly string[],
  environment: Environment,
): Promise<number> {
  const { values, operands } = parseCommand(name, args);
  const [time, extra] = operands;
  if (extra !== undefined || (time !== undefined && !parseDuration(time))) {
    throw new UsageError(
      `drain: ${JSON.stringify(extra ?? time)} is not a time such as 90s, 10m or 2h.`,
    );
  }
  const remote = openRemote(values, environment);
  const reply = await remote.request("POST", `api/${name}`, { time });
  const { status, json } = reply;
  if (status !== 202 || !isObject(json)) throw remote.errorFor(reply);
  if (values.json) printJson(json);
  else printLines([String(json.state)]);
  return 0;
}
