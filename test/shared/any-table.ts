/** Random tables of processes. */
import fc from "fast-check";
import { possibleUids } from "./made-up-proc.ts";

/** Few names, so that many subtrees are equal; occasionally one of arbitrary bytes. */
const comm = fc.oneof(
  { weight: 40, arbitrary: fc.constant("server") },
  { weight: 6, arbitrary: fc.constant("sh") },
  { weight: 1, arbitrary: fc.constant("?") },
  {
    weight: 1,
    arbitrary: fc.string({
      unit: fc.integer({ min: 1, max: 255 }).map((byte) => String.fromCharCode(byte)),
      maxLength: 15,
    }),
  },
);

/** Chooses a parent: usually one in the table, sometimes none or one that /proc does not show. */
const parent = fc.oneof(
  { weight: 60, arbitrary: fc.nat(99).map((n) => (pids: number[]) => pids[n % pids.length] ?? 1) },
  { weight: 1, arbitrary: fc.constantFrom(0, 900, 901, 902).map((pid) => () => pid) },
);

/** Tables in which a child may have a lower PID than its parent. Some lack PID 1. */
export const anyTable = fc
  .record({
    rows: fc.uniqueArray(
      fc.record({
        pid: fc.integer({ min: 2, max: 99 }),
        uid: fc.constantFrom(...possibleUids),
        comm,
        parent,
      }),
      { selector: ({ pid }) => pid, maxLength: 30, size: "max" },
    ),
    init: fc.option(fc.constant({ pid: 1, ppid: 0, uid: 0, comm: "init" }), { freq: 9 }),
  })
  .map(({ rows, init }) => {
    const pids = [1];
    const processes = rows.map(({ parent, ...row }) => {
      const ppid = parent(pids);
      pids.push(row.pid);
      return { ...row, ppid };
    });
    return init ? [init, ...processes] : processes;
  })
  .filter((processes) => processes.length > 0);
