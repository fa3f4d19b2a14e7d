/** What brood promises, and which promises a run has broken. */
import { median } from "../bench/statistics.ts";
import { remainingZombies, type Sample, violations } from "./samples.ts";
import type { Run, Visited } from "./soak.ts";

/** How much more memory the master may use in the last quarter of a run than in the second. */
export interface Growth {
  factor: number;
  /** Bytes allowed in addition to the factor, as the heap grows and shrinks in steps. */
  slack: number;
}

/** Of many failures with the same cause, the first ones say enough. */
const MAX_REPORTED = 10;

/** Reasons with which no session should end here. */
const NEVER = ["crashed", "stuck", "misbehaved", "idle", "killed by operator"] as const;

export function brokenPromises(run: Run, growth: Growth): string[] {
  return [
    ...ofClients(run.visits),
    ...ofCounters(run),
    ...ofSessions(run),
    ...ofResources(run, growth),
    ...run.journal.surprises.map((entry) => `logged: ${entry}`),
    ...unless(run.exitCode === 0, `the server ended with status ${run.exitCode}`),
  ];
}

/** No client loses a reply, gets a wrong one or waits for ever. */
function ofClients(visits: readonly Visited[]): string[] {
  const bad = visits.filter(({ verdict }) => verdict !== "served" && verdict !== "refused");
  const told = bad
    .slice(0, MAX_REPORTED)
    .map(({ index, kind, verdict, what }) => `client ${index} (${kind}) ${verdict}: ${what}`);
  return bad.length > told.length ? [...told, `… and ${bad.length - told.length} more`] : told;
}

/** The counters add up at every moment and agree with the log. */
function ofCounters({ samples, status, journal, visits }: Run): string[] {
  const { counts, stopped } = journal;
  const told = samples.flatMap((sample) => sample.violations).slice(0, MAX_REPORTED);
  const refused = visits.filter(({ verdict }) => verdict === "refused").length;
  const reasons = Object.fromEntries(status.refusals.map(({ reason, count }) => [reason, count]));
  return [
    ...told,
    ...violations(status),
    ...same("accepted: counter, log", status.accepted, counts.accepted),
    ...same("ended: counter, log", status.ended, counts.ended),
    ...same("refused: counter, log", status.refused, counts.refused),
    ...same("accepted: counter, last line", status.accepted, stopped?.accepted),
    ...same("refused: counter, last line", status.refused, stopped?.refused),
    ...unless(
      Bun.deepEquals(reasons, counts.refusals),
      `refusals: counters ${JSON.stringify(reasons)}, log ${JSON.stringify(counts.refusals)}`,
    ),
    // Some rude clients leave before they can be told.
    ...unless(refused <= status.refused, `${refused} told so, but ${status.refused} refused`),
  ];
}

/** Every session has ended, and none for a reason that nothing caused. */
function ofSessions({ status, journal, visits }: Run): string[] {
  const { counts, killed } = journal;
  const victims = visits.flatMap((visit) => visit.killed ?? []);
  const innocent = killed.difference(new Set(victims.map(({ id }) => id)));
  const immortal = victims.filter(({ id, serving }) => serving && !killed.has(id));
  const ended = Object.values(counts.reasons).reduce((sum, count) => sum + count, 0);
  return [
    ...unless(status.live === 0, `${status.live} sessions have not ended`),
    ...same("sessions ended, their reasons", counts.ended, ended),
    ...NEVER.flatMap((reason) => {
      const count = counts.reasons[reason] ?? 0;
      return unless(count === 0, `${count} sessions ended: ${reason}`);
    }),
    ...unless(innocent.size === 0, `${innocent.size} killed by a signal that nothing sent`),
    ...unless(immortal.length === 0, `${immortal.length} killed, but not logged as such`),
  ];
}

/** The master keeps nothing of clients that have left. */
function ofResources({ samples, descriptors: { first, last } }: Run, growth: Growth): string[] {
  const zombies = remainingZombies(samples);
  const [, second = 0, , fourth = 0] = memoryByQuarter(samples);
  const most = second * growth.factor + growth.slack;
  return [
    ...unless(zombies.length === 0, `zombies that remain: ${zombies.join(" ")}`),
    ...unless(
      last <= first,
      `the master has ${last} descriptors open at the end, ${first} after warm-up`,
    ),
    ...unless(
      fourth <= most,
      `the master's memory grew from ${second} to ${fourth} bytes, ${most} allowed`,
    ),
  ];
}

/** Returns the median of the master's memory in each quarter of the run. */
export function memoryByQuarter(samples: readonly Sample[]): number[] {
  const at = (quarter: number) => Math.floor((quarter * samples.length) / 4);
  return [0, 1, 2, 3].map((quarter) =>
    median(samples.slice(at(quarter), at(quarter + 1)).map(({ memory }) => memory)),
  );
}

function same(what: string, one: number, other: number | undefined): string[] {
  return unless(one === other, `${what}: ${one} and ${other} are not the same`);
}

function unless(holds: boolean, broken: string): string[] {
  return holds ? [] : [broken];
}
