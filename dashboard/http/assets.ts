/** The files that the page loads, in memory: few, small, and the same for everyone. */
import { join } from "node:path";

export type Assets = ReadonlyMap<string, { type: string; body: string }>;

/** In the single executable: what `loadAssets` returned when it was built. */
declare const EMBEDDED_ASSETS: Iterable<[string, { type: string; body: string }]> | undefined;

const JAVASCRIPT = "text/javascript; charset=utf-8";
const CSS = "text/css; charset=utf-8";

/** The style sheets of every page, in the order in which they override each other. */
const STYLES = [
  "views/theme.css",
  "views/header.css",
  "views/controls.css",
  "views/panels.css",
  "page/limits.css",
  "page/tree.css",
  "page/children.css",
  "page/log.css",
  "page/dialog.css",
  "page/wide.css",
  "page/narrow.css",
  "child/child.css",
  "page/table.css",
  "history/history.css",
];

/**
 * Reads and builds the files once, when the server starts.
 * @throws if htmx or uPlot is not installed, or a script does not build.
 */
export async function loadAssets(): Promise<Assets> {
  if (typeof EMBEDDED_ASSETS !== "undefined") return new Map(EMBEDDED_ASSETS);
  const here = join(import.meta.dir, "..");
  const text = (path: string) => Bun.file(path).text();
  // One file: htmx starts as soon as it is loaded, and would miss a stream that opens before its
  // extension and our script are there.
  const scripts = [
    await text(resolve("htmx.org/dist/htmx.min.js")),
    await text(resolve("htmx.org/dist/ext/hx-sse.min.js")),
    await buildScript(join(here, "browser/page.ts")),
  ];
  const styles = await Promise.all(STYLES.map((path) => text(join(here, path))));
  const charts = [
    await text(resolve("uplot/dist/uPlot.min.css")),
    await text(join(here, "charts/charts.css")),
  ];
  return new Map([
    ["page.js", { type: JAVASCRIPT, body: scripts.join("\n;\n") }],
    ["page.css", { type: CSS, body: styles.join("\n") }],
    ["charts.js", { type: JAVASCRIPT, body: await buildScript(join(here, "browser/charts.ts")) }],
    ["charts.css", { type: CSS, body: charts.join("\n") }],
    ["icon.svg", { type: "image/svg+xml", body: await text(join(here, "icon.svg")) }],
  ]);
}

function resolve(path: string): string {
  return Bun.resolveSync(path, import.meta.dir);
}

async function buildScript(entry: string): Promise<string> {
  const { outputs } = await Bun.build({
    entrypoints: [entry],
    target: "browser",
    format: "iife",
    minify: true,
  });
  const [script] = outputs;
  if (script === undefined) throw new Error(`${entry} built to nothing`);
  return await script.text();
}
