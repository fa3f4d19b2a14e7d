/** The soak's command line. */
import { parseArgs } from "node:util";

export interface Options {
  clients: number;
  lanes: number;
  seed: number;
  maxClients: number;
  /** The number of spares in each half of the run. */
  spares: readonly [number, number];
}

/** @throws an error in one line on an unknown flag or a bad value. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      clients: { type: "string", default: "20000" },
      "at-a-time": { type: "string", default: "24" },
      "max-clients": { type: "string", default: "200" },
      spares: { type: "string", default: "8" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
    },
  });
  return {
    clients: parseNumber("clients", values.clients, 2, 10_000_000),
    lanes: parseNumber("at-a-time", values["at-a-time"], 1, 1000),
    maxClients: parseNumber("max-clients", values["max-clients"], 1, 1_000_000),
    spares: [0, parseNumber("spares", values.spares, 0, 1000)],
    seed: parseNumber("seed", values.seed, 0, 2 ** 32 - 1),
  };
}

function parseNumber(flag: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new Error(`--${flag}: ${text} is not a number from ${least} to ${most}.`);
}
