/**
 * Bundles a user's service with all that it imports, once, at the start: what is wrong with it is told then,
 * children need not be able to read where it lies, and no client waits for modules to be found.
 */
import { existsSync } from "node:fs";
import { basename, extname, resolve } from "node:path";
import type { BuildArtifact, BunPlugin } from "bun";
import { clean, service } from "./service.ts";
import { UsageError } from "./usage-error.ts";

export type Files = ReadonlyMap<string, Uint8Array>;

/** The bundle of a service. */
export const MODULE_FILE = "service.js";

/** What a service imports `service` from. */
const PACKAGE = "brood";

/** @throws {UsageError} that says in one line what is wrong with the module at `path`. */
export async function bundleModule(path: string): Promise<Files> {
  const file = resolve(path);
  if (!existsSync(file)) throw new UsageError(`--service ${path}: no such file.`);
  const { success, logs, outputs } = await Bun.build({
    entrypoints: [file],
    target: "bun",
    format: "cjs",
    bytecode: true,
    sourcemap: "inline", // a stack names the lines that the user wrote
    plugins: [ourselves],
    throw: false,
  });
  if (!success) throw new UsageError(`--service ${path}: ${logs.map(sayWhere).join("; ")}`);
  const name = basename(file, extname(file));
  return new Map(
    Array.from(await contents(outputs), ([output, content]) => [
      output.replace(`${name}.js`, MODULE_FILE),
      content,
    ]),
  );
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
