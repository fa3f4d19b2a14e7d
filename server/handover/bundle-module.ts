/**
 * Bundles a user's service module with everything that it imports, once, at startup. So errors in
 * it are reported then, children need not be able to read the module's directory, and no client
 * waits for modules to be found.
 */
import { realpathSync, statSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import type { BuildArtifact, BunPlugin } from "bun";
import { UsageError } from "../options/usage-error.ts";
import { decidersOfImports } from "../os/import-resolution.ts";
import { clean, service } from "../service.ts";

/** The contents of files, by name. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** The bundle of a service. */
export interface Bundle {
  /** The name of the file to load. */
  entry: string;
  files: Files;
  /**
   * The files that it was made from, and those that decide which these are,
   * whether they exist or not.
   */
  sources: string[];
}

/** The name that a service imports `service` from. */
const PACKAGE = "brood";

/** Puts service.ts in the bundle of a module that imports it; its types are gone by then. */
const servicePlugin: BunPlugin = {
  name: PACKAGE,
  setup(build) {
    build.onResolve({ filter: /^brood$/ }, () => ({ path: PACKAGE, namespace: PACKAGE }));
    build.onLoad({ filter: /./, namespace: PACKAGE }, () => ({
      contents: `export const service = ${service};\nexport const clean = ${clean};`,
      loader: "js",
    }));
  },
};

/** @throws {UsageError} that says in one line what is wrong with the module at `path` */
export async function bundleModule(path: string): Promise<Bundle> {
  const file = resolve(path);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new UsageError(`--service ${path}: no such file.`);
  }
  // Outside a single executable Bun has bytecode for CommonJS only, which has no top-level await.
  const compiled = await build(file, { format: "cjs", bytecode: true });
  const built = compiled.success ? compiled : await build(file, { format: "esm" });
  const { success, logs, outputs, metafile } = built;
  if (!success) throw new UsageError(`--service ${path}: ${logs.map(describeError).join("; ")}`);
  const entry = compiled.success ? "service.js" : "service.mjs";
  const builtName = `${basename(file, extname(file))}.js`;
  const files = Array.from(
    await readOutputs(outputs),
    ([name, content]) => [name.replace(builtName, entry), content] as const,
  );
  const directory = realpathSync(dirname(file));
  const inputs = Object.keys(metafile?.inputs ?? {}).map((input) => resolve(directory, input));
  return { entry, files: new Map(files), sources: sourcesOf(file, inputs) };
}

/** `inputs`: the files that are in the bundle of `file`. */
function sourcesOf(file: string, inputs: readonly string[]): string[] {
  const files = [file, ...inputs.filter((input) => !input.includes("/node_modules/"))];
  return [...files, ...decidersOfImports(files)];
}

/**
 * Builds in the module's directory, so that stack traces name files relative to it,
 * with the user's own lines.
 */
async function build(file: string, options: { format: "cjs" | "esm"; bytecode?: true }) {
  const directory = process.cwd();
  process.chdir(dirname(file));
  try {
    return await Bun.build({
      ...options,
      entrypoints: [file],
      target: "bun",
      sourcemap: "inline",
      metafile: true,
      plugins: [servicePlugin],
      throw: false,
    });
  } finally {
    process.chdir(directory);
  }
}

function describeError({ message, position }: BuildMessage | ResolveMessage): string {
  return position === null ? message : `${basename(position.file)}:${position.line}: ${message}`;
}

export async function readOutputs(outputs: readonly BuildArtifact[]): Promise<Files> {
  const entries = outputs.map(
    async (file) => [basename(file.path), new Uint8Array(await file.arrayBuffer())] as const,
  );
  return new Map(await Promise.all(entries));
}
