import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readProcesses, type Process } from "../../shared/proc.ts";
import { pstree, pstreeText, type Line, type PstreeOptions } from "../../shared/pstree.ts";
import type { Scope } from "../../shared/process-tree.ts";
import { growTree, holdProgram, type Plan } from "./live-tree.ts";
import { anyTable } from "./any-table.ts";
import { systemPstree, systemPstreeOf } from "./system-pstree.ts";

const HOST: Scope = { scope: "host" };

const EVERY_OPTION: PstreeOptions[] = [
  { charset: "ascii" },
  { charset: "utf8" },
  { compact: false },
  { charset: "utf8", compact: false },
  { pids: true },
  { charset: "utf8", pids: true },
];

/** Returns the arguments for the system's pstree that correspond to these options. */
function argsOf(root: Scope, { charset, pids, compact = true }: PstreeOptions): string {
  const flags = `-lT${charset === "utf8" ? "U" : "A"}${pids ? "p" : ""}${compact ? "" : "c"}`;
  return root.scope === "host" ? flags : `${flags} -s ${root.pid}`;
}

/** The tutorial's processes: from init down to a server with some clients. */
function tutorial(clients: number): Process[] {
  const chain = ["init", "sshd", "bash", "server"].map((comm, i) => entry(i + 1, i, comm));
  return [...chain, ...Array.from({ length: clients }, (_, i) => entry(i + 5, 4, "server"))];
}

function entry(pid: number, ppid: number, comm: string): Process {
  return { pid, ppid, uid: 0, comm };
}

/** Returns the nodes of a tree, each with the processes that it represents. */
function nodesOf(lines: readonly Line[]): [text: string, pids: readonly number[]][] {
  const nodes = lines.flat().filter(({ pids }) => pids.length > 0);
  return nodes.map(({ text, pids }) => [text, pids]);
}

function leaves(count: number, name = "server"): Plan[] {
  return Array.from({ length: count }, () => ({ name }));
}

describe("the tutorial's tree", () => {
  const server: Scope = { scope: "server", pid: 4 };

  function drawn(clients: number, options?: PstreeOptions): string {
    return pstreeText(pstree(tutorial(clients), server, options));
  }

  test("shows three children as one group, and no group without children", () => {
    expect(drawn(3)).toBe("init---sshd---bash---server---3*[server]\n");
    expect(drawn(1)).toBe("init---sshd---bash---server---server\n");
    expect(drawn(0)).toBe("init---sshd---bash---server\n");
    expect(drawn(3, { charset: "utf8" })).toBe("init───sshd───bash───server───3*[server]\n");
  });

  test("shows each child on its own if it is not compact", () => {
    expect(drawn(3, { compact: false })).toBe(
      [
        "init---sshd---bash---server-+-server",
        "                            |-server",
        "                            `-server\n",
      ].join("\n"),
    );
  });

  test("shows each child on its own with its PID", () => {
    expect(drawn(2, { pids: true, charset: "utf8" })).toBe(
      [
        "init(1)───sshd(2)───bash(3)───server(4)─┬─server(5)",
        "                                        └─server(6)\n",
      ].join("\n"),
    );
  });

  test("is empty if the server is not in the table", () => {
    expect(pstree(tutorial(3), { scope: "server", pid: 99 })).toEqual([]);
  });

  test("leaves out processes beside the path to the server, unless the scope is the host", () => {
    const processes = [...tutorial(2), entry(8, 1, "crond"), entry(9, 2, "bash")];
    expect(pstreeText(pstree(processes, server))).toBe(drawn(2));
    expect(pstreeText(pstree(processes, HOST))).toBe(
      ["init-+-crond", "     `-sshd-+-bash---server---2*[server]", "            `-bash\n"].join(
        "\n",
      ),
    );
  });

  test("begins at the topmost ancestor if the path does not lead to PID 1", () => {
    const container = [entry(1, 0, "sleep"), entry(7, 0, "bash"), entry(8, 7, "server")];
    expect(pstreeText(pstree(container, { scope: "server", pid: 8 }))).toBe("bash---server\n");
  });

  test("terminates on a table with a cycle", () => {
    const torn = [entry(1, 0, "init"), entry(5, 6, "server"), entry(6, 5, "bash")];
    expect(pstreeText(pstree(torn, { scope: "server", pid: 5 }))).toBe("bash---server---bash\n");
  });
});

describe("each node lists the processes that it represents", () => {
  test("alone or as a group", () => {
    expect(nodesOf(pstree(tutorial(3), HOST))).toEqual([
      ["init", [1]],
      ["sshd", [2]],
      ["bash", [3]],
      ["server", [4]],
      ["3*[server]", [5, 6, 7]],
    ]);
  });

  test("below a group: those of all its members", () => {
    const shells = [2, 3].map((pid) => entry(pid, 1, "sh"));
    const cats = [4, 5, 6, 7].map((pid) => entry(pid, 2 + (pid % 2), "cat"));
    const lines = pstree([entry(1, 0, "init"), ...shells, ...cats, entry(8, 1, "top")], HOST);
    expect(pstreeText(lines)).toBe("init-+-2*[sh---2*[cat]]\n     `-top\n");
    expect(nodesOf(lines)).toEqual([
      ["init", [1]],
      ["sh", [2, 3]],
      ["2*[cat]", [4, 6, 5, 7]],
      ["top", [8]],
    ]);
  });

  test("with its PID as part of its text", () => {
    expect(nodesOf(pstree(tutorial(1), HOST, { pids: true })).at(-1)).toEqual(["server(5)", [5]]);
  });
});

describe("trees of any size are drawn", () => {
  test("a master with 5,000 children", () => {
    const lines = pstree(tutorial(5000), HOST);
    expect(pstreeText(lines)).toBe("init---sshd---bash---server---5000*[server]\n");
    expect(nodesOf(lines).at(-1)?.[1]).toHaveLength(5000);
  });

  test("5,000 children, all different", () => {
    const children = Array.from({ length: 5000 }, (_, i) => entry(i + 2, 1, `n${9999 - i}`));
    const lines = pstree([entry(1, 0, "init"), ...children], HOST);
    expect(lines).toHaveLength(5000);
    expect(nodesOf(lines.slice(-1))).toEqual([["n9999", [2]]]);
  });

  test("a chain 2,000 deep, from its top or its end", () => {
    const chain = Array.from({ length: 2000 }, (_, i) => entry(i + 1, i, "server"));
    const drawn = Array(2000).fill("server").join("---") + "\n";
    expect(pstreeText(pstree(chain, HOST))).toBe(drawn);
    expect(pstreeText(pstree(chain, { scope: "server", pid: 2000 }))).toBe(drawn);
  });
});

describe("real processes are drawn as the system's pstree draws them", () => {
  const oddNames = [
    "a b",
    "x) S 1 (",
    "[kworker]",
    "back\\slash",
    "\xe9\xff\x7f",
    "new\nline",
    "",
    "?",
    "fifteen letters",
  ];
  const plans: Record<string, Plan> = {
    "a master with its children": { name: "server", children: leaves(3) },
    "a master alone": { name: "server" },
    "names of any bytes": {
      name: "a) (b",
      children: oddNames.map((name) => ({ name, children: leaves(2, name) })),
    },
    "equal subtrees, also with others between them": {
      name: "server",
      children: [
        { name: "sh", children: [{ name: "cat" }, { name: "wc" }] },
        { name: "sh", children: leaves(2, "cat") },
        { name: "sh", children: [{ name: "cat" }, { name: "wc" }] },
        { name: "sh", children: [{ name: "env", children: leaves(12, "cat") }, { name: "wc" }] },
        { name: "sh", children: [{ name: "env", children: leaves(12, "cat") }, { name: "wc" }] },
        { name: "az" },
      ],
    },
    "the same children in another order": {
      name: "server",
      children: [
        { name: "sh", children: [{ name: "env" }, { name: "env", children: leaves(1) }] },
        { name: "sh", children: [{ name: "env", children: leaves(1) }, { name: "env" }] },
      ],
    },
    "a wide tree": { name: "server", children: [...leaves(300), ...leaves(11, "sh")] },
    "a deep tree": Array.from({ length: 60 }).reduce<Plan>(
      (child, _, depth) => ({ name: `n${depth % 7}`, children: [child, ...leaves(depth % 3)] }),
      { name: "leaf" },
    ),
  };

  test.each(Object.entries(plans))("%s", async (_, plan) => {
    await using tree = await growTree(plan);
    const root: Scope = { scope: "server", pid: tree.pid };
    for (const options of EVERY_OPTION) {
      const ours = pstreeText(pstree(readProcesses(), root, options));
      expect(ours).toBe(systemPstree(argsOf(root, options)));
    }
  });

  test("a program with threads, which are not shown", async () => {
    const program = "process.stdout.write('.'); await Bun.stdin.text()";
    await using bun = await holdProgram([process.execPath, "-e", program], 1);
    const root: Scope = { scope: "server", pid: bun.pid };
    expect(pstreeText(pstree(readProcesses(), root))).toBe(systemPstree(argsOf(root, {})));
    expect(systemPstree(`-ls ${bun.pid}`)).toContain("{");
  });
});

/** Whether pstree -s can draw it: only processes below PID 1. */
function hangsBelowInit(processes: readonly Process[], pid: number): boolean {
  const byPid = new Map(processes.map((process) => [process.pid, process]));
  let process = byPid.get(pid);
  while (process && process.ppid !== 0) process = byPid.get(process.ppid);
  return process === undefined || process.pid === 1;
}

const options = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.constantFrom<PstreeOptions[]>({ charset: "ascii" }, { charset: "utf8" }),
  },
  { weight: 1, arbitrary: fc.constantFrom(...EVERY_OPTION) },
);

const question = fc
  .record({ processes: anyTable, options, pick: fc.nat(99) })
  .map(({ processes, options, pick }) => {
    const pid = processes[pick]?.pid;
    const root: Scope =
      pid && hangsBelowInit(processes, pid) ? { scope: "server", pid } : { scope: "host" };
    return { processes, options, root, args: argsOf(root, options) };
  });

test("any table of processes is drawn as the system's pstree draws it", () => {
  const manyAtOnce = fc.noBias(fc.array(question, { minLength: 1, maxLength: 200, size: "max" }));
  fc.assert(
    fc.property(manyAtOnce, (questions) => {
      for (const { processes, root, options, printed } of systemPstreeOf(questions)) {
        expect(pstreeText(pstree(processes, root, options))).toBe(printed);
      }
    }),
    // The time limit is for a failure: whatever is shrunk by then is reported.
    { numRuns: 3, interruptAfterTimeLimit: 30_000 },
  );
});

test("a ? stands for each missing parent where /proc hides other users' processes", () => {
  const processes = [entry(42, 41, "server"), entry(43, 42, "server")];
  const roots: Scope[] = [HOST, { scope: "server", pid: 42 }];
  const questions = roots.map((root) => ({ processes, root, args: argsOf(root, {}) }));
  for (const { root, printed } of systemPstreeOf(questions)) {
    expect(printed).toBe("?---?---server---server\n");
    expect(pstreeText(pstree(processes, root))).toBe(printed);
  }
});
