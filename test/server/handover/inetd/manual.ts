/**
 * The flags that the manual says a program needs: the tests start their servers
 * with these, and no others.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { split } from "shlex";
import { ROOT } from "../../../harness/run.ts";
import type { Flags } from "../../../harness/server.ts";
import { isRoot, OWNER } from "./workspace.ts";

const manual = readFileSync(join(ROOT, "server/child/services/README.md"), "utf8");

/**
 * Returns the flags of the manual's start line for a program, as `user`; null: the line without
 * `--user`. `replace` has what the line says and what it is in this test, such as the path of a
 * directory. Users other than root are replaced by OWNER. An ordinary user's server runs everything
 * as that user, so there it gets no user.
 */
export function manualFlags(
  program: string,
  user: string | null,
  replace: Record<string, string>,
): Flags {
  const lines = Array.from(manual.matchAll(/^ {4}npm start -- (.+)$/gm), ([, text = ""]) =>
    parseFlags(text),
  );
  const line = lines.find(
    ({ exec, user: other }) =>
      exec?.split(/[ /]/).includes(program) && other === (user ?? undefined),
  );
  if (line === undefined) throw new Error(`the manual has no start line for ${program} as ${user}`);
  const { user: named, ...rest } = line;
  const flags = Object.entries(rest).map(([name, value]) => [name, replaceAll(value, replace)]);
  return { ...Object.fromEntries(flags), ...userFlags(named) };
}

function parseFlags(text: string): Record<string, string> {
  const words = split(text);
  const flags: Record<string, string> = {};
  for (let i = 0; i < words.length; i += 2) flags[words[i]!.replace(/^--/, "")] = words[i + 1]!;
  return flags;
}

function replaceAll(text: string, replace: Record<string, string>): string {
  return Object.entries(replace).reduce((all, [from, to]) => all.replaceAll(from, to), text);
}

function userFlags(user: string | undefined): Flags {
  if (user === undefined || !isRoot) return {};
  return user === "root" ? { user } : { user: OWNER, group: OWNER };
}
