/**
 * Bundles a user's service with all that it imports, once, at the start: what is wrong with it is told then,
 * children need not be able to read where it lies, and no client waits for modules to be found.
 */
import { statSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import type { BuildArtifact, BunPlugin } from "bun";
import { clean, service } from "../service.ts";
import { UsageError } from "../options/usage-error.ts";

export type Files = ReadonlyMap<string, Uint8Array>;

/** A service's bundle, and which of its files is to be loaded. */
export interface Bundle {
  entry: string;
  files: Files;
}

/** What a service imports `service` from. */
const PACKAGE = "brood";

/** @throws {UsageError} that says in one line what is wrong with the module at `path`. */
export async function bundleModule(path: string): Promise<Bundle> {
  const file = resolve(path);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new UsageError(`--service ${path}: no such file.`);
  }
  // Outside an executable Bun has bytecode for CommonJS alone, which has no top-level await.
  const quick = await build(file, { format: "cjs", bytecode: true });
  const { success, logs, outputs } = quick.success ? quick : await build(file, { format: "esm" });
  if (!success) throw new UsageError(`--service ${path}: ${logs.map(sayWhere).join("; ")}`);
  const entry = quick.success ? "service.js" : "service.mjs";
  const name = `${basename(file, extname(file))}.js`;
  const built = await contents(outputs);
  return { entry, files: new Map(Array.from(built, ([at, it]) => [at.replace(name, entry), it])) };
}

/** Done where the module lies: a stack then names the files from there, and the lines that the user wrote. */
async function build(file: string, how: { format: "cjs" | "esm"; bytecode?: true }) {
  const before = process.cwd();
  process.chdir(dirname(file));
  try {
    return await Bun.build({
      ...how,
      entrypoints: [file],
      target: "bun",
      sourcemap: "inline",
      plugins: [ourselves],
      throw: false,
    });
  } finally {
    process.chdir(before);
  }
}

/** What a service's bundle has of service.ts; the types are gone by then. */
const ourselves: BunPlugin = {
  name: PACKAGE,
  setup(build) {
    build.onResolve({ filter: /^brood$/ }, () => ({ path: PACKAGE, namespace: PACKAGE }));
    build.onLoad({ filter: /./, namespace: PACKAGE }, () => ({
      contents: `export const service = ${service};\nexport const clean = ${clean};`,
      loader: "js",
    }));
  },
};

function sayWhere({ message, position }: BuildMessage | ResolveMessage): string {
  return position === null ? message : `${basename(position.file)}:${position.line}: ${message}`;
}

export async function contents(outputs: readonly BuildArtifact[]): Promise<Files> {
  return new Map(
    await Promise.all(
      outputs.map(
        async (file) => [basename(file.path), new Uint8Array(await file.arrayBuffer())] as const,
      ),
    ),
  );
}
