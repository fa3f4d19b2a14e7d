/**
 * `npm run build [FILE [ENTRY]]`: builds `dist/brood`, a single executable that needs no
 * node_modules. It holds the master, the children's programs (each in its own chunk, so that a
 * child loads nothing of the master) and the page. ENTRY: what it runs instead of
 * server/main.ts, for tests.
 */
import { join, resolve } from "node:path";
import { loadAssets } from "../../dashboard/http/assets.ts";

const [file, entry = join(import.meta.dir, "../main.ts")] = process.argv.slice(2);
const outfile = file === undefined ? join(import.meta.dir, "../../dist/brood") : resolve(file);

await Bun.build({
  entrypoints: [entry],
  target: "bun",
  format: "esm",
  splitting: true,
  minify: true,
  bytecode: true,
  define: { EMBEDDED_ASSETS: JSON.stringify([...(await loadAssets())]) },
  // Configuration files in the directory where it is started belong to other programs.
  compile: { outfile, autoloadBunfig: false, autoloadDotenv: false },
});
process.stdout.write(`${outfile}: ${(Bun.file(outfile).size / 1e6).toFixed(0)} MB\n`);
