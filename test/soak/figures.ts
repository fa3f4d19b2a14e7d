/** The results of a soak as a table, with a column for each run. */
import { figure, megabytes, type Table } from "../bench/table.ts";
import { KIND_NAMES } from "./kinds.ts";
import { memoryByQuarter } from "./promises.ts";
import { remainingZombies } from "./samples.ts";
import type { Run } from "./soak.ts";
import type { Finding, Verdict } from "./client.ts";

export function figures(runs: readonly Run[]): Table {
  const row = (name: string, read: (run: Run) => string | number) => [
    name,
    ...runs.map(read).map((cell) => (typeof cell === "number" ? cell.toLocaleString("en") : cell)),
  ];
  const count = (run: Run, is: (finding: Finding) => unknown) => run.visits.filter(is).length;
  const verdict = (name: Verdict) => (run: Run) =>
    count(run, (finding) => finding.verdict === name);
  const most = (run: Run, of: (sample: Run["samples"][number]) => number) =>
    Math.max(...run.samples.map(of));

  return {
    title: "Soak",
    about: `Seed ${runs[0]?.plan.seed}, ${runs[0]?.plan.lanes} clients at a time.`,
    rows: [
      row("", ({ plan }) => `--spares ${plan.spares}`),
      row("clients", ({ visits }) => visits.length),
      ...KIND_NAMES.map((name) =>
        row(`· ${name}`, ({ visits }) => visits.filter(({ kind }) => kind === name).length),
      ),
      row("clients/s", ({ visits, ms }) => figure(visits.length / (ms / 1000))),
      row("replies checked", ({ visits }) => visits.reduce((sum, { replies }) => sum + replies, 0)),
      row("lost", verdict("lost")),
      row("wrong", verdict("wrong")),
      row("not ended", verdict("late")),
      row("refused and told so", verdict("refused")),
      row("children killed", (run) => count(run, ({ killed }) => killed)),
      row("children stopped", (run) => count(run, ({ stopped }) => stopped)),
      row(
        "clients handed over again after a spare died",
        ({ journal }) => journal.counts.takenOver,
      ),
      row("accepted", ({ status }) => status.accepted),
      row("refused", ({ status }) => status.refused),
      row("peak live", ({ status }) => status.peak),
      row("requests logged", ({ journal }) => journal.counts.requests),
      row("samples", ({ samples }) => samples.length),
      row(
        "· with a wrong counter",
        ({ samples }) => samples.filter(({ violations }) => violations.length > 0).length,
      ),
      row("zombies that remain", ({ samples }) => remainingZombies(samples).length),
      row("peak zombies", (run) => most(run, ({ zombies }) => zombies.length)),
      row(
        "descriptors after warm-up, at the end",
        ({ descriptors }) => `${descriptors.first}, ${descriptors.last}`,
      ),
      row("master's memory by quarter, MB", ({ samples }) =>
        memoryByQuarter(samples).map(megabytes).join(", "),
      ),
      row("slowest response of /healthz, ms", (run) => figure(most(run, ({ lag }) => lag))),
    ],
  };
}
