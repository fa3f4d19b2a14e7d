/** `brood pause`, `brood resume`, `brood drain`: whom the server accepts. */
import { parseDuration } from "../../../shared/duration.ts";
import { UsageError } from "../../options/usage-error.ts";
import { type Environment, isObject, openRemote } from "./request.ts";
import { parseCommand } from "./commands.ts";
import { printJson, printLines } from "./print.ts";

type Steering = "pause" | "resume" | "drain";

export const pause = (args: readonly string[], environment: Environment) =>
  steer("pause", args, environment);

export const resume = (args: readonly string[], environment: Environment) =>
  steer("resume", args, environment);

export const drain = (args: readonly string[], environment: Environment) =>
  steer("drain", args, environment);

async function steer(
  name: Steering,
  args: readonly string[],
  environment: Environment,
): Promise<number> {
  const { values, operands } = parseCommand(name, args);
  const [time, more] = operands;
  if (more !== undefined || (time !== undefined && !parseDuration(time))) {
    throw new UsageError(
      `drain: ${JSON.stringify(more ?? time)} is not a time such as 90s, 10m or 2h.`,
    );
  }
  const remote = openRemote(values, environment);
  const answer = await remote.request("POST", `api/${name}`, { time });
  const { status, json } = answer;
  if (status !== 202 || !isObject(json)) throw remote.objection(answer);
  if (values.json) printJson(json);
  else printLines([String(json.state)]);
  return 0;
}
