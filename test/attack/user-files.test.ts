/**
 * What the client of an ordinary user's server cannot do to the files of that user, which its
 * child's user owns.
 */
import { expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { connect } from "../harness/connect.ts";
import { executableForOrdinaryUser, ORDINARY_UID } from "../harness/ordinary-user.ts";
import { pageFile } from "../harness/page-token.ts";
import { until } from "../harness/until.ts";
import { type Flags, startServer } from "../harness/server.ts";
import { count, countEnded } from "../server/history/contents.ts";
import { attacked, KINDS, MODULE, shell } from "./shell.ts";

const ORDINARY = "an ordinary user's server";
const isRoot = process.getuid?.() === 0;

/**
 * A directory that belongs to the server's user, with a file in it that only this user can read.
 */
function ownFolder() {
  const path = mkdtempSync(join(tmpdir(), "test-user-files-"));
  const file = join(path, "file");
  writeFileSync(file, "private", { mode: 0o600 });
  for (const own of isRoot ? [path, file] : []) chownSync(own, ORDINARY_UID, ORDINARY_UID);
  return { path, file, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

/** Commands that change what a client will get from the file `$1`. */
const REWRITE_ATTACKS = [
  "echo x >> $1",
  ": > $1",
  `python3 -c 'import os, sys; os.truncate(sys.argv[1], 0)' $1`,
  "rm -rf $1",
  "mv -f $1 $1.old",
  "cp -f $TMPDIR/evil $1",
  "mv -f $TMPDIR/evil $1",
  "ln -sf $TMPDIR/evil $1",
  "ln $1 $TMPDIR/link && echo x >> $TMPDIR/link",
];

/** Commands that add to the directory `$1`. */
const ADD_ATTACKS = [
  "echo x > $1/package.json",
  "mkdir $1/new",
  "mv -f $TMPDIR/evil $1/evil",
  "ln -s $TMPDIR/evil $1/new-link",
];

/** A home directory that belongs to the server's user, with what the server runs in it. */
async function makeHome(): Promise<Disposable & { path: string; flags: Record<string, Flags> }> {
  const path = mkdtempSync(join(tmpdir(), "test-home-"));
  const files = {
    "bin/program": "#!/bin/bash\nexec bash --norc --noprofile\n",
    "project/shell.ts": `import "./lib/part.ts";\nimport "dependency";\n${MODULE}`,
    "project/lib/part.ts": "",
    "project/tsconfig.json": "{}",
    "node_modules/dependency/index.js": "",
    "brood.toml": "",
    "data/file": "",
    file: "",
  };
  for (const [name, text] of Object.entries(files)) await Bun.write(join(path, name), text);
  symlinkSync("bin", join(path, "link"));
  chmodSync(path, 0o755);
  chmodSync(join(path, "bin/program"), 0o755);
  if (isRoot) await Bun.$`chown -hR ${ORDINARY_UID}:${ORDINARY_UID} ${path}`;
  return {
    path,
    flags: {
      "a module": { service: join(path, "project/shell.ts") },
      "a program": { exec: `${path}/link/program` },
      "a program in a terminal": { pty: `/bin/bash ${path}/link/program` },
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true }),
  };
}

/** The contents of all files below a directory, and where its links lead. */
async function contentsOf(directory: string): Promise<string> {
  return Bun.$`cd ${directory} && find . -type f -exec md5sum {} + -o -printf '%p %y %l\n' | sort`.text();
}

/** Commands that change who may use the file `$1`. */
const ATTRIBUTE_ATTACKS = [
  "chmod 755 $1",
  "chmod 0 $1",
  "chmod 600 $1",
  "chmod u+s $1",
  `chgrp ${ORDINARY_UID} $1`,
  `python3 -c 'import os, sys; os.fchmod(os.open(sys.argv[1], os.O_RDONLY), 0o755)' $1`,
  `python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.name", b"value")' $1`,
  `python3 -c 'import os, sys; os.setxattr(sys.argv[1], "system.posix_acl_access", b"")' $1`,
];

/** Commands that make the file `$1` an executable of their user for others to execute. */
const SET_USER_ID_ATTACKS = [
  "cp /bin/sh $1 && chmod 4755 $1",
  "perl -MFcntl -e 'umask 0; sysopen F, $ARGV[0], O_CREAT | O_WRONLY, 04755 or exit 1' $1.a",
  "perl -MFcntl -e 'umask 0; sysopen F, $ARGV[0], O_CREAT | O_WRONLY, 02755 or exit 1' $1.b",
  "python3 -c 'import os, sys; os.umask(0); os.mknod(sys.argv[1], 0o104755)' $1.c",
];

/** Returns a command that tries all of them on each file, and prints a line for each that works. */
function attackAll(attacks: readonly string[], files: readonly string[]): string {
  const all = attacks.map(
    (attack, index) => `(${attack}) 2>/dev/null && echo attack ${index} on $1`,
  );
  return `for file in ${files.join(" ")}; do set -- $file; ${all.join("; ")}; done`;
}

for (const kind of Object.keys(KINDS)) {
  test(`the client of ${kind} cannot change what the next client or the next start of the server runs`, async () => {
    using home = await makeHome();
    const config = join(home.path, "brood.toml");
    await using found = await attacked(ORDINARY, kind, { ...home.flags[kind], config });
    const { client } = found;
    const program = ["bin/program", "bin", "link"];
    const module = ["project/shell.ts", "project/lib/part.ts", "project/tsconfig.json"];
    const modules = ["project", "project/lib", "node_modules", "node_modules/dependency/index.js"];
    const isModule = kind === "a module";
    const targets = ["brood.toml", ...(isModule ? [...module, ...modules] : program)];
    const directories = [".", ...(isModule ? ["project", "project/lib", "node_modules"] : ["bin"])];
    const before = await contentsOf(home.path);
    const inHome = (names: readonly string[]) => names.map((name) => join(home.path, name));
    const attacks = [
      "echo evil > $TMPDIR/evil",
      attackAll(REWRITE_ATTACKS, inHome(targets)),
      attackAll(ADD_ATTACKS, inHome(directories)),
    ];
    expect((await shell(client, attacks.join("; "))).output).toBe("");
    expect(await contentsOf(home.path)).toBe(before);
    // All else is the user's, and so the child's.
    const harmless =
      "echo x >> file && echo x > data/new && mv data/file data/moved && rm data/new";
    expect((await shell(client, `cd ${home.path} && ${harmless}`)).status).toBe(0);
  });

  test(`the client of ${kind} cannot open files to other users, or close them to the master, with --writable`, async () => {
    using own = ownFolder();
    const history = join(own.path, "history.db");
    await using found = await attacked(ORDINARY, kind, { writable: own.path, history });
    const { client, server } = found;
    await until(() => existsSync(history), "the history is open");
    const page = pageFile(server);
    const targets = [own.path, own.file, history, page, dirname(page), server.directory];
    const modes = () => targets.map((target) => [target, statSync(target).mode.toString(8)]);
    const before = modes();
    expect((await shell(client, attackAll(ATTRIBUTE_ATTACKS, targets))).output).toBe("");
    expect(modes()).toEqual(before);
    // Though they are in the directory of --writable.
    const secret = [history, page].map((file) => `echo x >> ${file} || rm ${file}`);
    expect((await shell(client, secret.join("; "))).status).not.toBe(0);
    expect(existsSync(history) && existsSync(page)).toBe(true);
  });

  test(`the client of ${kind} can make files private to its user with --writable`, async () => {
    using own = ownFolder();
    await using found = await attacked(ORDINARY, kind, { writable: own.path });
    const { client, server } = found;
    const { output } = await shell(client, "mkdir -m 0 $TMPDIR/locked && echo $TMPDIR");
    const directory = output.trim();
    expect(existsSync(directory)).toBe(true);
    const command = `echo x > ${own.path}/script; chmod +x ${own.path}/script; touch -d 2001-01-01 ${own.file}`;
    expect((await shell(client, command)).status).toBe(0);
    expect(statSync(join(own.path, "script")).mode & 0o777).toBe(0o700);
    await client.send("exit\n");
    client.close();
    await server.event("ended");
    await until(() => !existsSync(directory), "the temporary directory is removed");
    expect(server.events("warning")).toEqual([]);
  });

  test(`the client of ${kind} cannot leave an executable that runs as its user for others`, async () => {
    using own = ownFolder();
    await using found = await attacked(ORDINARY, kind);
    const open = join(own.path, "open");
    mkdirSync(open, { mode: 0o777 });
    if (isRoot) chownSync(open, ORDINARY_UID, ORDINARY_UID);
    const attack = attackAll(SET_USER_ID_ATTACKS, [join(open, "sh")]);
    expect((await shell(found.client, attack)).output).toBe("");
    for (const name of readdirSync(open)) {
      expect([name, statSync(join(open, name)).mode & 0o6000]).toEqual([name, 0]);
    }
    // Programs can still do what is not dangerous.
    const harmless = `echo x > ${open}/file && chmod 755 ${open}/file && touch ${open}/other`;
    expect((await shell(found.client, harmless)).status).toBe(0);
  });
}

for (const kind of Object.keys(KINDS)) {
  test(`the client of ${kind} cannot close to the master what the next child is started from`, async () => {
    using home = await makeHome();
    await using found = await attacked(ORDINARY, kind, home.flags[kind]);
    const { client, server } = found;
    const program = ["bin/program", "bin", "."].map((name) => join(home.path, name));
    const close = "cd $TMPDIR/../.. && find . -depth ! -type l -exec chmod 0 {} +";
    await shell(client, `${close}; chmod 0 ${program.join(" ")}`);
    expect(modeOf(server.directory)).toBe(0);
    expect(modeOf(home.path)).toBe(0);
    await using next = await connect(server.port);
    expect((await shell(next, "echo served")).output).toBe("served\n");
    expect(server.events("warning")).toEqual([]);
  });
}

const modeOf = (path: string) => statSync(path).mode & 0o777;

test("the client of a program cannot close the history to the master", async () => {
  using own = ownFolder();
  const directory = join(own.path, "directory");
  mkdirSync(directory);
  if (isRoot) chownSync(directory, ORDINARY_UID, ORDINARY_UID);
  const history = join(directory, "history.db");
  await using found = await attacked(ORDINARY, "a program", { history });
  const { client, server } = found;
  await until(() => count(history, "sessions") === 1, "the session is in the history");
  const close = `chmod 0 ${history}-journal ${history} ${directory} ${own.path}; echo closed`;
  expect((await shell(client, close)).output).toBe("closed\n");
  client.close();
  await server.event("ended");
  await server.stop();
  expect(countEnded(history)).toBe(1);
});

test("the client of a terminal can neither replace brood itself nor close it to later children", async () => {
  using own = ownFolder();
  const brood = join(own.path, "brood");
  copyFileSync(executableForOrdinaryUser(), brood);
  if (isRoot) chownSync(brood, ORDINARY_UID, ORDINARY_UID);
  const link = join(own.path, "link");
  symlinkSync(brood, link);
  const circumstances = { ordinary: true, program: [link] };
  await using server = await startServer({ pty: "bash --norc --noprofile -i" }, circumstances);
  await using client = await connect(server.port);
  const identity = () => {
    const { ino, size, mtimeMs } = statSync(link);
    return { ino, size, mtimeMs };
  };
  const before = identity();
  const attack = attackAll(REWRITE_ATTACKS, [brood, link]);
  expect((await shell(client, `echo evil > $TMPDIR/evil; ${attack}`)).output).toBe("");
  expect(identity()).toEqual(before);
  expect((await shell(client, `chmod 0 ${brood}`)).status).toBe(0);
  await using next = await connect(server.port);
  expect((await shell(next, "echo served")).output).toBe("served\n");
});
