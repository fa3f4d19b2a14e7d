import { startBuiltIn } from "../../../server/child/services/built-in.ts";
import type { Sizes } from "../options.ts";
import { figure } from "../table.ts";
import type { Section } from "./section.ts";

/**
 * What a client sends again and again: words, lines, telnet's commands,
 * and commands that never end.
 */
const UNITS = [
  ["x", "t", "\n", "\r", "time", "time\n", "hello\n", `${"x".repeat(5000)}\n`, "ti\xff\xf1"],
  ["\xff\xff", "\xff\xfd\x06", "\xff\xfax", "\xff\xfa\xff", "\xff\xfa\xff\xf0", "\xff\xfd"],
].flat();

/** For each unit, in ms of CPU time. */
export type ScalingResults = Record<string, { once: number; eightTimes: number }>;
const HEAD = ["", "once", "eight times", "ratio"];

/**
 * What the time service costs for eight times as much input, which must not be 64 times as much.
 */
export async function scaling({ scaling: size }: Sizes): Promise<Section<ScalingResults>> {
  const results: ScalingResults = {};
  for (const unit of UNITS) {
    const input = Buffer.from(unit.repeat(size.bytes / unit.length), "latin1");
    serve(input, 2); // what the compiler does is not measured
    const least = (times: number) =>
      Math.min(...Array.from({ length: size.rounds }, () => serve(input, times)));
    const name = unit.length > 8 ? `${unit.slice(0, 3)}…` : unit;
    results[JSON.stringify(name)] = { once: least(1), eightTimes: least(8) };
  }
  const about =
    `CPU time of the time service for ${size.bytes / 1000} kB of one input, in ms, and for eight times ` +
    `as much; the least of ${size.rounds}.`;
  const rows = Object.entries(results).map(([name, { once, eightTimes }]) => [
    name,
    figure(once),
    figure(eightTimes),
    figure(eightTimes / once),
  ]);
  return { results, tables: [{ title: "Work and input", about, rows: [HEAD, ...rows] }] };
}

/**
 * Returns the CPU time of this process, in ms, that a service takes to receive `input` this often.
 */
function serve(input: Buffer, times: number): number {
  const before = process.cpuUsage();
  const service = startBuiltIn(
    "time",
    () => {},
    () => "2003/05/21 16:18:34",
  );
  for (let i = 0; i < times; i += 1) service.receive(input);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
