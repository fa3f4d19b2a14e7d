/**
 * Trees with expanded groups: every process can be reached, a page at a
 * time, whichever come and go.
 */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { GroupPart } from "../../shared/expanded-groups.ts";
import type { Process } from "../../shared/proc.ts";
import {
  type Line,
  pstree,
  type PstreeOptions,
  pstreeText,
  type Segment,
} from "../../shared/pstree.ts";
import type { Scope } from "../../shared/process-tree.ts";
import { anyTable } from "./any-table.ts";

const HOST: Scope = { scope: "host" };

/** A master, PID 2, with children of these names, whose PIDs count from 10. */
function family(...names: string[]): Process[] {
  return [
    { pid: 1, ppid: 0, uid: 0, comm: "init" },
    { pid: 2, ppid: 1, uid: 0, comm: "server" },
    ...names.map((comm, i) => ({ pid: 10 + i, ppid: 2, uid: 0, comm })),
  ];
}

function servers(count: number): string[] {
  return Array<string>(count).fill("server");
}

/** Draws with these groups expanded, each from a PID on. */
function drawn(processes: readonly Process[], starts: Record<string, number> = {}, pageSize = 3) {
  return pstree(processes, HOST, {
    expanded: { starts: new Map(Object.entries(starts)), pageSize },
  });
}

function partsOf(lines: readonly Line[]) {
  return lines.flat().flatMap((segment) => (segment.part === null ? [] : [segment.part]));
}

/** Whether it is a single member rather than collapsed ones. */
function isShown({ state }: GroupPart): boolean {
  return state === "first" || state === "further";
}

function text(...lines: string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

describe("an expanded group", () => {
  test("shows a page of members line by line, and the rest as one", () => {
    expect(pstreeText(drawn(family(...servers(8)), { "2.server": 0 }))).toBe(
      text(
        "init---server-+-server",
        "              |-server",
        "              |-server",
        "              `-5*[server]",
      ),
    );
  });

  test("can start at any member, with those before it as one", () => {
    expect(pstreeText(drawn(family(...servers(8)), { "2.server": 14 }))).toBe(
      text(
        "init---server-+-4*[server]",
        "              |-server",
        "              |-server",
        "              |-server",
        "              `-server",
      ),
    );
  });

  test("leaves the other groups in place and compact", () => {
    const processes = family("cat", ...servers(2), "sh", "cat", "sh", "server");
    expect(pstreeText(drawn(processes, { "2.server": 0 }))).toBe(
      text(
        "init---server-+-2*[cat]",
        "              |-server",
        "              |-server",
        "              |-server",
        "              `-2*[sh]",
      ),
    );
  });

  test("consists of equal subtrees: their descendants are equal too", () => {
    const below = [10, 11, 12].map((ppid, i) => ({ pid: 20 + i, ppid, uid: 0, comm: "vim" }));
    const processes = [...family("sh", "sh", "sh", "sh"), ...below];
    const [running, alone] = partsOf(drawn(processes));
    expect([running?.state, alone]).toEqual(["collapsed", undefined]);
    expect(pstreeText(drawn(processes, { [running?.key ?? ""]: 0 }))).toBe(
      text(
        "init---server-+-sh---vim",
        "              |-sh---vim",
        "              |-sh---vim",
        "              `-sh",
      ),
    );
  });

  test("keeps its page when members before it end, and shows the last page if all of it have ended", () => {
    const all = family(...servers(9));
    const shown = (processes: Process[]) =>
      drawn(processes, { "2.server": 13 })
        .flat()
        .filter(({ part }) => part !== null && isShown(part))
        .flatMap(({ pids }) => pids);
    expect(shown(all)).toEqual([13, 14, 15]);
    expect(shown(all.filter(({ pid }) => pid !== 11))).toEqual([13, 14, 15]);
    expect(shown(all.filter(({ pid }) => pid !== 13))).toEqual([14, 15, 16]);
    expect(shown(all.filter(({ pid }) => pid < 13))).toEqual([10, 11, 12]);
  });

  test("with one member left is just that member", () => {
    expect(pstreeText(drawn(family("server"), { "2.server": 0 }))).toBe("init---server---server\n");
  });

  test("that does not exist changes nothing", () => {
    const processes = family(...servers(3));
    expect(drawn(processes, { "9.server": 0, "2.bash": 4 })).toEqual(drawn(processes));
  });
});

test("uncompacted, with or without PIDs, a page of each group is shown", () => {
  const expanded = { starts: new Map(), pageSize: 2 };
  const text = (options: PstreeOptions) =>
    pstreeText(pstree(family(...servers(4)), HOST, { ...options, expanded }));
  expect(text({ compact: false }).split("\n").slice(0, 3)).toEqual([
    "init---server-+-server",
    "              |-server",
    "              `-2*[server]",
  ]);
  expect(text({ pids: true }).split("\n").slice(0, 3)).toEqual([
    "init(1)---server(2)-+-server(10)",
    "                    |-server(11)",
    "                    `-2*[server]",
  ]);
});

test("each of 5,000 children can be reached page by page from the first", () => {
  const processes = family(...servers(5000));
  const met: number[] = [];
  let from = 0;
  for (let pages = 0; pages < 50; pages += 1) {
    const segments = drawn(processes, { "2.server": from }, 100).flat();
    const shown = segments.filter(({ part }) => part !== null && isShown(part));
    expect(shown).toHaveLength(100);
    met.push(...shown.flatMap(({ pids }) => pids));
    from = segments.at(-1)?.part?.from ?? 0;
  }
  expect(met).toEqual(Array.from({ length: 5000 }, (_, i) => 10 + i));
});

test("paging forward and back returns to the same page", () => {
  const processes = family(...servers(9));
  const [before] = partsOf(drawn(processes, { "2.server": 16 }));
  expect(before).toEqual({ key: "2.server", state: "before", from: 13 });
  expect(partsOf(drawn(processes, { "2.server": 13 }))[0]?.from).toBe(0);
});

/** Opens some of the groups of a tree, then some of those that appear, each from any PID on. */
function expandSome(processes: readonly Process[], picks: readonly number[], pageSize: number) {
  const starts = new Map<string, number>();
  let lines = pstree(processes, HOST, { expanded: { starts, pageSize } });
  for (const pick of picks) {
    const collapsed = partsOf(lines);
    const part = collapsed[pick % Math.max(1, collapsed.length)];
    if (part !== undefined) starts.set(part.key, pick % 3 === 0 ? part.from : pick);
    lines = pstree(processes, HOST, { expanded: { starts, pageSize } });
  }
  return { starts, lines };
}

const question = fc.record({
  processes: anyTable,
  picks: fc.array(fc.nat(99), { maxLength: 6 }),
  pageSize: fc.integer({ min: 1, max: 4 }),
});

function pidsOf(lines: readonly Line[]): number[] {
  return lines.flatMap((line) => line.flatMap(({ pids }) => pids)).sort((a, b) => a - b);
}

test("whatever is expanded, each process is in the tree exactly once", () => {
  fc.assert(
    fc.property(question, ({ processes, picks, pageSize }) => {
      const { lines } = expandSome(processes, picks, pageSize);
      expect(pidsOf(lines)).toEqual(pidsOf(pstree(processes, HOST)));
    }),
  );
});

test("whatever is expanded, at most a page of each expanded group is shown, and none of the others", () => {
  fc.assert(
    fc.property(question, ({ processes, picks, pageSize }) => {
      const { lines, starts } = expandSome(processes, picks, pageSize);
      const apart = partsOf(lines).filter(isShown);
      for (const [key, members] of Map.groupBy(apart, ({ key }) => key)) {
        expect(starts.has(key)).toBe(true);
        expect(members.length).toBeLessThanOrEqual(pageSize);
        expect(members.map(({ state }) => state === "first")).toEqual(
          members.map((_, i) => i === 0),
        );
      }
    }),
  );
});

test("with everything expanded it equals pstree without compaction", () => {
  const all = { starts: new Map<string, number>(), pageSize: Number.POSITIVE_INFINITY };
  fc.assert(
    fc.property(anyTable, (processes) => {
      const starts = new Map<string, number>();
      let lines = pstree(processes, HOST, { expanded: { ...all, starts } });
      const isFolded = ({ part }: Segment) => part !== null && !isShown(part);
      for (let next = lines.flat().find(isFolded); next; next = lines.flat().find(isFolded)) {
        starts.set(next.part?.key ?? "", 0);
        lines = pstree(processes, HOST, { expanded: { ...all, starts } });
      }
      expect(pstreeText(lines)).toBe(pstreeText(pstree(processes, HOST, { compact: false })));
    }),
  );
});

test("keys stay the same while other processes come and go", () => {
  fc.assert(
    fc.property(anyTable, fc.nat(99), (processes, pick) => {
      const before = new Map(groupsOf(processes));
      const gone = processes[pick % processes.length]?.pid ?? 0;
      const after = groupsOf(processes.filter(({ pid, ppid }) => pid !== gone && ppid !== gone));
      for (const [key, names] of after) expect(before.get(key) ?? names).toBe(names);
    }),
  );
});

/** Returns the groups by key, with the names of their members. */
function groupsOf(processes: readonly Process[]): [key: string, name: string][] {
  const byPid = new Map(processes.map((process) => [process.pid, process]));
  const segments = pstree(processes, HOST, { expanded: { starts: new Map(), pageSize: 1 } }).flat();
  return segments.flatMap(({ part, pids: [pid = 0] }) =>
    part === null ? [] : [[part.key, byPid.get(pid)?.comm ?? "?"]],
  );
}
