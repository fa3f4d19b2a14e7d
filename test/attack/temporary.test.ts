/**
 * A child that puts something else in the place of the directory that all temporary directories are
 * in. Only a child of the master's own user can, where it may write beside that directory.
 */
import { expect, test } from "bun:test";
import { existsSync, mkdtempDisposableSync, readdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../harness/connect.ts";
import { ORDINARY_UID } from "../harness/ordinary-user.ts";
import { startServerWithoutPage } from "../harness/server.ts";
import { until, untilEqual } from "../harness/until.ts";
import { SERVERS } from "./servers.ts";
import { shell } from "./shell.ts";

/**
 * What takes the place of the directory $P, which is at $P.moved by then. $OWN is
 * another directory of the user.
 */
const ATTACKS: Record<string, string> = {
  "removes it": "rm -rf $P.moved",
  "renames it": ":",
  "replaces it by a file": ": > $P",
  "replaces it by a link to another directory": "ln -s $OWN $P",
  "replaces it by a link to nowhere": "ln -s $OWN/nowhere $P",
  "replaces it by a directory of the same user": "mkdir $P && touch $P/a $P/b && mkdir $P/child-c",
};

/** A directory of the server's user, with something in it. */
async function ownDirectory() {
  const folder = mkdtempDisposableSync(join(tmpdir(), "test-own-"));
  await Bun.$`cd ${folder.path} && mkdir empty child-empty && touch file`;
  if (process.getuid?.() === 0) await Bun.$`chown -R ${ORDINARY_UID} ${folder.path}`;
  await Bun.$`chmod 700 ${folder.path}`;
  return folder;
}

for (const [what, attack] of Object.entries(ATTACKS)) {
  test(`one that ${what} harms no later client, and nothing else is changed`, async () => {
    using own = await ownDirectory();
    const stateOf = (path: string) => ({ names: readdirSync(path), mode: statSync(path).mode });
    const before = stateOf(own.path);
    const { circumstances } = SERVERS["an ordinary user's server"] ?? {};
    // A state directory beside it, which is the default here, would keep children from that.
    const flags = { exec: "bash", state: join(own.path, "state") };
    await using server = await startServerWithoutPage(flags, circumstances);

    async function attackParent(): Promise<string> {
      await using attacker = await connect(server.port);
      const replace = `P=$(dirname $TMPDIR) OWN=${own.path}; mv $P $P.moved && ${attack}`;
      const { output, status } = await shell(attacker, `${replace} && echo $P`);
      expect({ output, status }).toMatchObject({ status: 0 });
      return output.trim();
    }

    const parents: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      parents.push(await attackParent());
      for (let next = 0; next < 2; next += 1) {
        await using client = await connect(server.port);
        const { output } = await shell(client, "cd $TMPDIR && touch file && ls");
        expect(output).toBe("file\n");
      }
    }
    parents.push(await attackParent()); // the last one: what is there now is not removed by the shutdown, either
    const clients = parents.length + 4;
    await until(() => server.events("ended").length === clients, "all sessions have ended");
    const moved = parents.map((parent) => `${parent}.moved`).filter(existsSync);
    await untilEqual(() => moved.flatMap((path) => readdirSync(path)), []);
    expect(stateOf(own.path)).toEqual(before);
    expect(server.events("warning")).toEqual([]);

    const left = parents.flatMap((path) => [path, `${path}.moved`]);
    const leftNames = readdirSync(server.directory)
      .filter((name) => left.includes(join(server.directory, name)))
      .join(" ");
    const stopped = await server.stop().catch((error: Error) => error.message);
    expect(stopped).toBe(leftNames === "" ? 0 : `the server left files: ${leftNames}`);
    expect(await server.exited()).toBe(0);
    expect(stateOf(own.path)).toEqual(before);
  });
}
