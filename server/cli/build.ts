/**
 * `bun run build [FILE]`: makes `dist/brood`, one executable that needs no node_modules: the master, its
 * children (each in a chunk of its own, so that a child loads nothing of the master) and the page.
 */
import { join, resolve } from "node:path";
import { loadAssets } from "../../dashboard/http/assets.ts";

const [file] = process.argv.slice(2);
const outfile = file === undefined ? join(import.meta.dir, "../../dist/brood") : resolve(file);

await Bun.build({
  entrypoints: [join(import.meta.dir, "../main.ts")],
  target: "bun",
  format: "esm",
  splitting: true,
  minify: true,
  bytecode: true,
  define: { EMBEDDED_ASSETS: JSON.stringify([...(await loadAssets())]) },
  // A configuration file where it happens to be started is not this program's.
  compile: { outfile, autoloadBunfig: false, autoloadDotenv: false },
});
process.stdout.write(`${outfile}: ${(Bun.file(outfile).size / 1e6).toFixed(0)} MB\n`);
