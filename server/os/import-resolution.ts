import { join } from "node:path";
import { directoriesAbove } from "./directories-above.ts";

/** What Bun looks for in a directory (https://bun.com/docs/runtime/modules). */
const LOOKED_UP = ["node_modules", "package.json", "tsconfig.json", "jsconfig.json"];

/**
 * Returns the paths that decide what the imports in files resolve to, beside each file and in the
 * directories above it. Those need not exist. For a directory: those above it.
 */
export function decidersOfImports(paths: readonly string[]): string[] {
  const directories = new Set(paths.flatMap(directoriesAbove));
  return [...directories].flatMap((above) => LOOKED_UP.map((name) => join(above, name)));
}
