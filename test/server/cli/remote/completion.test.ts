/** `brood completion`: what bash, zsh and fish complete, in the shells themselves. */
import { afterAll, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FLAGS } from "../../../../server/options/flags.ts";
import { COMMANDS } from "../../../../server/cli/remote/commands.ts";
import { HISTORY_REASONS } from "../../../../shared/history.ts";
import { SIGNALS } from "../../../../shared/signals.ts";
import { connectServed, connectManyServed } from "../../../harness/served-client.ts";
import { brood, run } from "../../../harness/run.ts";
import { openScreen } from "../../../harness/screen.ts";
import { startServer } from "../../../harness/server.ts";
import { until, untilEqual } from "../../../harness/until.ts";

/** A directory with `brood` in it, for PATH. */
const folder = mkdtempSync(join(tmpdir(), "brood-completion-"));
afterAll(() => rmSync(folder, { recursive: true }));
await Bun.write(join(folder, "brood"), `#!/bin/sh\nexec ${brood().join(" ")} "$@"\n`);
chmodSync(join(folder, "brood"), 0o755);

const PATH = `${folder}:${process.env.PATH}`;

const NOBODY = "http://127.0.0.1:1/";

let scriptOfBash: string | undefined;

/**
 * Returns what bash offers for the last of these words. `line` is the line as typed, if
 * it differs from the words.
 */
async function offered(
  words: readonly string[],
  url = NOBODY,
  line = words.join(" "),
): Promise<string[]> {
  const script =
    'eval "$SCRIPT"; compopt() { :; }; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); ' +
    'COMP_LINE=$LINE; _brood; printf "%s\\n" "${COMPREPLY[@]}"';
  scriptOfBash ??= (await run(brood("completion", "bash"))).stdout;
  const env = { PATH, SCRIPT: scriptOfBash, BROOD_URL: url, LINE: line };
  const { stdout, stderr, exitCode } = await run(["bash", "-c", script, "bash", ...words], { env });
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  return stdout.split("\n").filter((word) => word !== "");
}

test("bash: commands, all flags of each, and their values", async () => {
  const commands = ["serve", "client", "fork-example", ...Object.keys(COMMANDS), "--help"];
  expect(await offered(["brood", ""])).toEqual(commands);
  expect(await offered(["brood", "t"])).toEqual(["tree", "top"]);
  const serve = Object.keys(FLAGS).map((name) => `--${name}`);
  expect(await offered(["brood", "serve", "--"])).toEqual([...serve, "--help"]);
  for (const [name, { flags }] of Object.entries(COMMANDS)) {
    const own = [...Object.keys(flags), "url", "user", "help"].map((flag) => `--${flag}`);
    expect([name, ...(await offered(["brood", name, "--"]))]).toEqual([name, ...own]);
  }
  expect(await offered(["brood", "kill", "--signal", ""])).toEqual([...SIGNALS]);
  expect(await offered(["brood", "kill", "--signal", "=", "K"])).toEqual(["KILL"]);
  expect(await offered(["brood", "kill", "--signal", "="])).toEqual([...SIGNALS]);
  expect(await offered(["brood", "serve", "--log", "p"])).toEqual(["pretty"]);
  expect(await offered(["brood", "serve", "--orphans", ""])).toEqual(["finish", "leave"]);
  expect(await offered(["brood", "completion", ""])).toEqual(["bash", "zsh", "fish"]);
  // Spaces must be escaped.
  const reasons = HISTORY_REASONS.map((reason) => reason.replaceAll(" ", "\\ "));
  expect(await offered(["brood", "history", "--reason", ""])).toEqual(reasons);
  expect(await offered(["brood", "history", "--reason", "client\\ r"])).toEqual(["client\\ reset"]);
  // Nothing where any text is valid.
  for (const flag of ["--filter", "--url"])
    expect(await offered(["brood", "ps", flag, ""])).toEqual([]);
});

test("bash: files where a file name is valid", async () => {
  expect(await offered(["brood", "serve", "--config", "package.j"])).toEqual(["package.json"]);
  expect(await offered(["brood", "serve", "--service", "t"])).toEqual([
    "time",
    "test",
    "tsconfig.json",
  ]);
});

test("bash: kill offers the live children of the given server, and nothing without a server", async () => {
  await using server = await startServer();
  await using servedClients = await connectManyServed(server, 2);
  const ids = servedClients.all.map(({ id }) => id);
  // A slow server is not waited for: the shell then offers nothing.
  await untilEqual(() => offered(["brood", "kill", ""], server.url), ids);
  const [first = "", second = ""] = ids;
  await untilEqual(() => offered(["brood", "kill", first, second], server.url), [second]);
  const line = `brood kill --url ${server.url} `;
  const words = ["brood", "kill", "--url", "http", ":", "//x", ""];
  await untilEqual(() => offered(words, NOBODY, line), ids);
  expect(await offered(["brood", "kill", ""])).toEqual([]);
});

/** The shells, in which the test presses the tab key as a person does. */
const SHELLS = [
  {
    shell: "bash",
    cmd: ["bash", "--norc", "--noprofile", "-i"],
    begin: 'PS1="shell> "; eval "$(brood completion bash)"; bind "set show-all-if-ambiguous on"\r',
  },
  {
    shell: "zsh",
    cmd: ["zsh", "-f", "-i"],
    begin: 'PS1="shell> "; autoload -U compinit; compinit -u -D; source <(brood completion zsh)\r',
  },
  {
    shell: "fish",
    cmd: ["fish", "--no-config", "-i"],
    begin: "function fish_prompt; echo -n 'shell> '; end; brood completion fish | source\r",
  },
];

for (const { shell, cmd, begin } of SHELLS) {
  test(`${shell}: the tab key completes commands, flags, values and ids`, async () => {
    const script = join(folder, `script.${shell}`);
    await Bun.write(script, (await run(brood("completion", shell))).stdout);
    expect(await run([shell, "-n", script])).toEqual({ stdout: "", stderr: "", exitCode: 0 });

    await using server = await startServer();
    await using served = await connectServed(server);
    const env = { PATH, BROOD_URL: server.url, HOME: folder, LANG: "C.UTF-8" };
    await using screen = openScreen(cmd, { columns: 120, rows: 30 }, env);
    screen.type(`${begin}clear\r`);
    await screen.shows(/^shell> ?$/);

    let done = 0;

    /** Types, waits until the line is as wanted, then clears the screen. */
    async function complete(typed: string, wanted: RegExp): Promise<void> {
      screen.type(`${typed}\t`);
      await screen.shows(wanted);
      done += 1;
      screen.type(`\x15clear; echo do""ne${done}\r`); // Ctrl-U empties the line
      await until(() => {
        const [first, second] = screen.lines();
        return first === `done${done}` && second === "shell>";
      }, "the shell waits for the next line");
    }

    await complete("brood hist", /^shell> brood history ?$/);
    await complete("brood history --rea", /^shell> brood history --reason[ =]?$/);
    await complete("brood ps --sort mem", /^shell> brood ps --sort memory ?$/);
    await complete("brood ps --sort=mem", /^shell> brood ps --sort=memory ?$/);
    await complete("brood serve --uma", /^shell> brood serve --umask[ =]?$/);
    await complete("brood kill ", new RegExp(`^shell> brood kill ${served.id} ?$`));
    await complete(
      `brood kill --url ${server.url} `,
      new RegExp(`^shell> brood kill --url \\S+ ${served.id} ?$`),
    );
    await complete(
      "brood history --reason client\\ res",
      /^shell> brood history --reason client\\ reset ?$/,
    );
    await complete("brood serve --log ", /pretty.*tutorial|tutorial.*pretty/);
  });
}

for (const args of [[], ["tcsh"], ["bash", "zsh"]]) {
  test(`completion ${args.join(" ")}: one line, and exit status 2`, async () => {
    const { stdout, stderr, exitCode } = await run(brood("completion", ...args));
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(stderr).toMatch(/^brood: completion: which shell\? One of bash, zsh, fish\.\n$/);
  });
}
